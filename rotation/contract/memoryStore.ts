import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { tags } from "../../infra/names";
import type { SecretDescription, SecretsManager } from "../ports/secretsManager";

/** What the stack's state says of a secret, as far as a rotation looks at it. */
export interface Recorded {
  readonly version: { readonly counter: number; readonly id: string } | undefined;
  readonly stampedVersion: string | undefined;
}

interface Version {
  readonly value: string;
  readonly createdAt: Date;
}

const account = "000000000000";

/**
 * Secrets Manager and the stack's state in memory: versions and staging labels as AWS keeps them. It lives in the process
 * that starts the rotator's, so that a kill of those takes nothing from it.
 */
export class MemoryStore implements SecretsManager {
  readonly #versions = new Map<string, Version>();
  readonly #tags: Record<string, string> = {};
  #stages: Record<string, string[]> = {};
  #recorded: Recorded = { version: undefined, stampedVersion: undefined };

  /**
   * @param own  full name of the secret that is rotated
   * @param others  files with the values of other secrets, by name or ARN
   * @param beyond  has those that are not among them; undefined: there are no others
   */
  constructor(
    readonly own: string,
    readonly others: ReadonlyMap<string, string>,
    readonly beyond: SecretsManager | undefined,
  ) {}

  async describe(secret: string): Promise<SecretDescription | undefined> {
    const base = { createdAt: undefined, deletedAt: undefined, tags: {} };
    if (secret === this.own) {
      const stages = Object.fromEntries(Object.entries(this.#stages).map(([id, labels]) => [id, [...labels]]));
      return { ...base, arn: arnOf(secret), tags: { ...this.#tags }, stages };
    }
    if (!this.others.has(secret)) return this.beyond?.describe(secret);
    return { ...base, arn: arnOf(secret), stages: { [idOf(secret)]: ["AWSCURRENT"] } };
  }

  async list(prefix: string) {
    return this.own.startsWith(prefix) ? [{ name: this.own, createdAt: undefined, tags: { ...this.#tags } }] : [];
  }

  async value(secret: string, versionId: string): Promise<string | undefined> {
    if (secret === this.own) return this.#versions.get(versionId)?.value;
    const file = this.others.get(secret);
    return file === undefined ? this.beyond?.value(secret, versionId) : readFileSync(file, "utf8").replace(/\n$/, "");
  }

  async createdAt(_secret: string, versionId: string): Promise<Date | undefined> {
    return this.#versions.get(versionId)?.createdAt;
  }

  async moveCurrent(_secret: string, { from, to }: { from: string | undefined; to: string }): Promise<void> {
    const holder = this.#holderOf("AWSCURRENT");
    if (holder === to) return;
    if (holder !== from) {
      const message = "AWSCURRENT is attached to another version";
      throw Object.assign(new Error(message), { name: "InvalidParameterException" });
    }
    this.#label(to, "AWSCURRENT");
    if (from !== undefined) this.#label(from, "AWSPREVIOUS");
  }

  async turnToWrite(): Promise<void> {
    // Memory takes as many writes as come.
  }

  async cancelRotation(): Promise<void> {
    // Nobody else rotates what is in memory.
  }

  async tag(_secret: string, given: Readonly<Record<string, string>>): Promise<void> {
    Object.assign(this.#tags, given);
  }

  /** What Pulumi's update does: a new version with the label AWSPENDING, and the state knows it. */
  async write(value: string, stages: readonly string[], counter: number): Promise<string> {
    const id = randomUUID();
    this.#versions.set(id, { value, createdAt: new Date() });
    for (const stage of ["AWSPENDING", ...stages]) this.#label(id, stage);
    this.#recorded = { ...this.#recorded, version: { counter, id } };
    return id;
  }

  /** What the settling update does. */
  async settle(versionId: string): Promise<void> {
    Object.assign(this.#tags, { [tags.rotatedVersion]: versionId, [tags.rotatedAt]: new Date().toISOString() });
    this.#recorded = { ...this.#recorded, stampedVersion: versionId };
  }

  async recorded(): Promise<Recorded> {
    return this.#recorded;
  }

  #holderOf(stage: string): string | undefined {
    return Object.keys(this.#stages).find((id) => this.#stages[id]?.includes(stage));
  }

  /** A label is on one version. One without any label is not listed. */
  #label(id: string, stage: string): void {
    const others = Object.entries(this.#stages).map(([one, labels]): [string, string[]] => [
      one,
      labels.filter((label) => label !== stage),
    ]);
    const next = Object.fromEntries(others);
    next[id] = [...(next[id] ?? []), stage];
    this.#stages = Object.fromEntries(Object.entries(next).filter(([, labels]) => labels.length > 0));
  }
}

function arnOf(secret: string): string {
  return secret.startsWith("arn:") ? secret : `arn:aws:secretsmanager:us-east-1:${account}:secret:${secret}-AbCdEf`;
}

/** A version id is 32 characters or more. */
function idOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 36);
}
