import assert from "node:assert/strict";
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import fc from "fast-check";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { Step } from "../../rotation/steps";
import { AwsProxy } from "../faults/awsProxy";
import { killEngineOf } from "../integration/killEngine";
import { logsIn } from "../integration/postgres";
import { createProject, type Project, region, useSandbox } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { asSuperuser } from "../sandbox/testing/superuser";

const names = ["app", "pair"] as const;
type Name = (typeof names)[number];

const killable = ["create", "set", "finish", "sync", "rollout", "settle"] as const satisfies readonly Step[];

/** What happens to a stack and around it. */
export type Operation =
  | { readonly do: "rotate" | "up" | "up --refresh" | "refresh" | "rename" | "destroy" }
  | { readonly do: "kill"; readonly at: (typeof killable)[number] }
  | { readonly do: "delete outside" | "toggle the declaration"; readonly of: Name }
  | { readonly do: "prune" };

const plain = ["rotate", "up", "up --refresh", "refresh", "rename", "destroy"] as const;
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...plain).map((what) => ({ do: what })) },
  { weight: 1, arbitrary: fc.constantFrom(...killable).map((at) => ({ do: "kill" as const, at })) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("delete outside" as const, "toggle the declaration" as const),
      of: fc.constantFrom(...names),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "prune" as const }) },
);
export const sequence = fc.array(operation, { minLength: 4, maxLength: 8 });

/**
 * One stack that sequences happen to, one after the other. After each operation every current value has to be one that a
 * rotation or a person wrote, and the database has to take the credential that the services have; after each sequence one
 * `pulumi up --refresh` and one rotation have to heal everything.
 */
export class Estate {
  #project!: Project;
  #cluster!: Workloads;
  #proxy!: AwsProxy;
  #aws!: SecretsManagerClient;
  /** What the model knows: which declarations there are, and how the stack is called. */
  #declared = new Set<Name>(names);
  #byHand = new Set<string>();
  /** Full names. */
  readonly #letGo = new Set<string>();

  /** @param stack  also the environment, the namespace, and the prefix of the roles */
  constructor(private readonly stack: string) {}

  async start(): Promise<void> {
    await useSandbox();
    this.#aws = new SecretsManagerClient({});
    this.#proxy = await AwsProxy.start();
    const endpoints = [{ secretsmanager: this.#proxy.endpoint }];
    this.#project = await createProject(this.stack, { "aws:endpoints": endpoints });
    this.#cluster = workloads();
    await this.#cluster.createNamespace(this.stack);
    await this.#cluster.deploy(this.stack, "web");
    const group = `${this.stack}_group`;
    await asSuperuser(`CREATE ROLE "${group}" NOLOGIN; GRANT CONNECT ON DATABASE shop TO "${group}";
      GRANT "${group}" TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    await this.heal();
  }

  async stop(): Promise<void> {
    this.#project.remove();
    await this.#proxy.stop();
  }

  async run(operations: readonly Operation[]): Promise<void> {
    for (const [i, one] of operations.entries()) {
      await this.#apply(one);
      await this.#check(`after operation ${i + 1} of ${JSON.stringify(operations)}`);
    }
    await this.heal();
    await this.#check(`healed after ${JSON.stringify(operations)}`);
  }

  /** What a person does who finds the stack in any state. */
  async heal(): Promise<void> {
    this.#declared = new Set(names);
    if (this.#project.stack !== this.stack) await this.#project.rename(this.stack);
    await this.#forgetDeleted();
    this.#declare({ "secret-rotation:mayDelete": [...this.#letGo] });
    await (await this.#project.pulumi()).cancel().catch(() => undefined);
    for (const name of names) if (this.#letGo.has(`${this.stack}-renamed/${name}`)) await this.#unprotect(name);
    await this.#project.up({ refresh: true });
    const { secrets } = await this.#project.rotate(names);
    assert.deepEqual(
      secrets.flatMap(({ error }) => error?.message ?? []),
      [],
    );
    assert.deepEqual(await this.#project.up(), []);
  }

  /**
   * What a stack that was renamed has made under its other name: a value of it is let go by name, as the refusal says. AWS
   * keeps the name of a deleted Secret for the recovery window; none of those had a value, but for those that were let go.
   */
  async #forgetDeleted(): Promise<void> {
    const renamed = `${this.stack}-renamed`;
    for (const SecretId of [this.stack, renamed].flatMap((of) => names.map((name) => `${of}/${name}`))) {
      const found = await this.#aws.send(new DescribeSecretCommand({ SecretId })).catch(() => undefined);
      const isValued = Object.keys(found?.VersionIdsToStages ?? {}).length > 0;
      if (!found) continue;
      if (!found.DeletedDate) {
        if (isValued && SecretId.startsWith(renamed)) this.#letGo.add(SecretId);
        continue;
      }
      assert.ok(!isValued || this.#letGo.has(SecretId), `${SecretId} was deleted, and had a value`);
      await this.#aws.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
      this.#letGo.delete(SecretId);
    }
  }

  async #unprotect(name: Name): Promise<void> {
    const gone = (error: Error) => assert.match(String(error), /No such resource/);
    await this.#project.unprotect(name).catch(gone);
  }

  #declare(more: object = {}): void {
    const common = { syncTimeout: "2m", rolloutTimeout: "2m" };
    const consumers = [{ namespace: this.stack, name: "web", takes: "env" }];
    const keys = [
      { key: "username", property: "username" },
      { key: "value", property: "password" },
    ];
    const database = {
      ...{ dbname: "shop", superuserSecret: "dev/postgres/superuser", tls: "disable", gracePeriod: "0s" },
      ...{ roles: [`${this.stack}_a`, `${this.stack}_b`], groupRole: `${this.stack}_group` },
    };
    const all = {
      app: { kind: "app", externalSecret: { target: "app", keys: [{ key: "value" }] } },
      pair: { kind: "database", externalSecret: { target: "pair", keys }, database },
    };
    this.#project.declare(
      [...this.#declared].map((name) => ({ name, ...common, consumers, ...all[name] })),
      more,
    );
  }

  async #apply(one: Operation): Promise<void> {
    const pulumi = await this.#project.pulumi();
    switch (one.do) {
      case "rotate":
        return void (await this.#project.rotate([...this.#declared]));
      case "kill":
        return this.#rotateAndKill(one.at);
      case "up":
      case "up --refresh":
        await pulumi.cancel().catch(() => undefined);
        // It may refuse what would lose a value. What it has done then is looked at like all else.
        return void (await this.#project.up({ refresh: one.do === "up --refresh" }).catch(refused));
      case "refresh":
        await pulumi.cancel().catch(() => undefined);
        return void (await pulumi.refresh());
      case "destroy":
        await pulumi.cancel().catch(() => undefined);
        return void (await pulumi.destroy().catch(refused));
      case "rename":
        await pulumi.cancel().catch(() => undefined);
        return this.#project.rename(this.#project.stack === this.stack ? `${this.stack}-renamed` : this.stack);
      case "delete outside": {
        const SecretId = `${this.stack}/${one.of}`;
        const gone = (error: Error) => assert.match(error.name, /ResourceNotFound/);
        return void (await this.#aws
          .send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }))
          .catch(gone));
      }
      case "toggle the declaration":
        if (!this.#declared.delete(one.of)) this.#declared.add(one.of);
        return this.#declare();
      case "prune":
        return this.#prune();
      default:
        one satisfies never;
    }
  }

  /** The engine is killed when the first secret begins a step; the driver says of its secrets what to do. */
  async #rotateAndKill(at: Step): Promise<void> {
    const stepStarted = (_secret: string, step: Step) => {
      if (step !== at) return;
      killEngineOf(this.#project.stack);
    };
    await this.#project.rotate([...this.#declared], { observer: { stepStarted, stepEnded: () => undefined } });
  }

  /** A person writes a value, and AWS forgets the version that the stack has recorded. */
  async #prune(): Promise<void> {
    const recorded = (await this.#project.recorded()).get("app")?.version?.id;
    const value = `put by hand ${this.#byHand.size} and long enough for all`;
    const SecretId = `${this.stack}/app`;
    const { secretsManager } = realPorts({ region });
    const found = await secretsManager.describe(SecretId);
    if (!found) return;
    const from = versionWith("AWSCURRENT", found);
    // moto does not move AWSCURRENT by a put alone: it would have two holders.
    const labels = from === undefined ? {} : { VersionStages: ["BYHAND"] };
    const { VersionId: to = "" } = await this.#aws.send(
      new PutSecretValueCommand({ SecretId, SecretString: value, ...labels }),
    );
    if (from !== undefined) await secretsManager.moveCurrent(SecretId, { from, to });
    this.#byHand.add(value);
    if (recorded !== undefined) this.#proxy.prune(recorded);
  }

  async #check(when: string): Promise<void> {
    const { secretsManager } = realPorts({ region });
    for (const name of names) {
      const found = await secretsManager.describe(`${this.stack}/${name}`);
      const current = found && versionWith("AWSCURRENT", found);
      const value = current && (await secretsManager.value(`${this.stack}/${name}`, current));
      if (value) assert.ok(this.#isWritten(name, value), `${when}: ${name} has a value that nobody wrote`);
    }
    const { username, value: password } = await this.#cluster.secretData(this.stack, "pair").catch(() => ({}) as never);
    if (username === undefined) return;
    const login = { host: "127.0.0.1", port: Number(process.env.PGPORT), dbname: "shop", username, password };
    await logsIn(JSON.stringify(login)).catch((error: Error) =>
      assert.fail(`${when}: the services' credential: ${error}`),
    );
  }

  #isWritten(name: Name, value: string): boolean {
    const ofRotation = /^[A-Za-z0-9]{48}$/;
    if (name === "app") return ofRotation.test(value) || this.#byHand.has(value);
    return ofRotation.test(JSON.parse(value).password);
  }
}

/** Pulumi itself ran to its end, and said no; or AWS did, which keeps the names of deleted Secrets for a while. */
function refused(error: Error): void {
  assert.match(
    String(error),
    /would delete secrets that have a value|cannot be deleted|unable to replace|only a rotation|the secret \S+ already exists/,
  );
}
