import { randomBytes, randomUUID } from "node:crypto";

export interface Key {
  readonly id: string;
  readonly key: string;
  /** What whoever asked for it calls it. */
  readonly label: string;
  readonly createdAt: string;
  /** From when on it is accepted. */
  readonly acceptedFrom: number;
  lastUsedAt: string | null;
}

export class LimitError extends Error {}

const limit = 2;

/** The keys of each account, two at most. They are in memory alone. */
export class Accounts {
  readonly #tokens = new Map<string, string>();
  readonly #keys = new Map<string, Key[]>();

  /** @param token  whoever has it may change the account's keys */
  open(account: string, token: string): void {
    this.#tokens.set(account, token);
  }

  admits(account: string, token: string | undefined): boolean {
    return token !== undefined && this.#tokens.get(account) === token;
  }

  /** The account that this token is of. */
  withToken(token: string): string | undefined {
    return [...this.#tokens].find(([, one]) => one === token)?.[0];
  }

  /** Whether a key of any account is accepted, without counting as a use of it. */
  withKey(key: string): boolean {
    return [...this.#keys.keys()].some((account) => this.accepts(account, key));
  }

  list(account: string): readonly Key[] {
    return this.#keys.get(account) ?? [];
  }

  /** @throws {LimitError} when there are two */
  create(account: string, label: string, acceptedAfterSeconds = 0): Key {
    const keys = this.list(account);
    if (keys.length >= limit) throw new LimitError();
    const now = Date.now();
    const made: Key = {
      ...{ id: randomUUID(), key: `acme_${randomBytes(24).toString("base64url")}`, label },
      ...{ createdAt: new Date(now).toISOString(), acceptedFrom: now + acceptedAfterSeconds * 1000, lastUsedAt: null },
    };
    this.#keys.set(account, [...keys, made]);
    return made;
  }

  /** @returns false: there is no such key */
  delete(account: string, id: string): boolean {
    const keys = this.list(account);
    this.#keys.set(
      account,
      keys.filter((key) => key.id !== id),
    );
    return this.list(account).length < keys.length;
  }

  /** Whether the key is accepted, without counting as a use of it. */
  accepts(account: string, key: string): boolean {
    return this.#accepted(account, key) !== undefined;
  }

  /** What a service does with its key. @returns whether it is accepted */
  use(account: string, key: string): boolean {
    const found = this.#accepted(account, key);
    if (found) found.lastUsedAt = new Date().toISOString();
    return found !== undefined;
  }

  #accepted(account: string, key: string): Key | undefined {
    return this.list(account).find((one) => one.key === key && one.acceptedFrom <= Date.now());
  }
}
