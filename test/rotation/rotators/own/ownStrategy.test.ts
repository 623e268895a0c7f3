import assert from "node:assert/strict";
import { strategyOf } from "../../../../infra/config/rotator";
import type { SecretsManager } from "../../../../rotation/ports/secretsManager";
import { defineRotator } from "../../../../rotation/rotators/defineRotator";
import type { OwnKind } from "../../../../rotation/rotators/own/ownKind";
import { type Credential, RotatorError, type RotatorSteps } from "../../../../rotation/rotators/own/steps";
import type { RotationStrategy, StrategyContext } from "../../../../rotation/rotators/protocol";
import { context } from "../../context";

/** A target in memory. */
class Target {
  readonly accepted = new Map<string, string>();
  #made = 0;
  /** How often a question is not answered. */
  silent = 0;

  readonly all = {
    issue: async () => this.make(),
    create: async (): Promise<Credential> => ({ id: `${++this.#made}`, key: `key-${this.#made}` }),
    set: async (_: unknown, { id = "", key = "" }: Credential) => {
      this.accepted.clear();
      this.accepted.set(id, key);
    },
    test: async (_: unknown, { id = "", key }: Credential) => {
      if (this.silent-- > 0) throw new RotatorError("no answer");
      return this.accepted.get(id) === key ? "accepted" : "refused";
    },
    revoke: async (_: unknown, { id = "" }: Credential) => void this.accepted.delete(id),
    find: async (_: unknown, known: readonly Credential[]) =>
      [...this.accepted].filter(([id]) => !known.some((one) => one.id === id)).map(([id, key]) => ({ id, key })),
  } satisfies RotatorSteps;

  make(): { id: string; key: string } {
    const made = { id: `${++this.#made}`, key: `key-${this.#made}` };
    this.accepted.set(made.id, made.key);
    return made;
  }
}

const verbsOf = {
  "two-live": ["issue", "test", "revoke", "find"],
  "one-live": ["create", "set", "test"],
  expiring: ["issue", "test"],
  "consumers-only": ["create", "test"],
} as const;

interface Options {
  readonly emergency?: boolean;
  /** By `create` and `set`. */
  readonly secondaryFirst?: boolean;
  readonly more?: readonly (keyof Target["all"])[];
}

function of(
  target: Target,
  overlap: OwnKind["overlap"],
  { emergency = false, secondaryFirst = false, more = [] }: Options = {},
): { strategy: RotationStrategy; context: StrategyContext } {
  const verbs = secondaryFirst ? (["create", "set", "test", "revoke"] as const) : verbsOf[overlap];
  const steps = Object.fromEntries([...verbs, ...more].map((verb) => [verb, target.all[verb]]));
  const rotator = defineRotator({
    ...{ kind: "own", about: "a key", maxAgeDays: 90, overlap, properties: ["id", "key"] },
    steps: steps as unknown as RotatorSteps,
    ...(secondaryFirst && { secondaryFirst: () => true }),
  });
  const externalSecret = { target: "own", keys: [{ key: "KEY", property: "key" }] };
  const secretsManager = { describe: async () => undefined } as unknown as SecretsManager;
  const rotators = new Map([["own", rotator]]);
  const at = context({ kind: "own", externalSecret }, { secretsManager }, undefined, rotators);
  const strategy = strategyOf(rotators, at.secret);
  assert.ok("steps" in strategy);
  return { strategy: strategy.steps() as RotationStrategy, context: { ...at, emergency } };
}
const text = (credential: Credential) => JSON.stringify(credential);

describe("steps of one's own, driven by the overlap", () => {
  it("a value that is no JSON object is not replaced as a whole", async () => {
    const { strategy, context } = of(new Target(), "two-live");
    for (const value of ["a key of before", "[1]", '{"id": "1", "id": "2"}']) {
      await assert.rejects(strategy.check(context, value), { code: "SECRET_MALFORMED" });
      await assert.rejects(strategy.create(context, value), { code: "SECRET_MALFORMED" });
    }
    await strategy.check(context, undefined);
    await strategy.check(context, '{"note": "kept"}');
  });

  it("what was left at the issuer is used when it is whole, and in an emergency revoked", async () => {
    const target = new Target();
    const left = target.make();
    const ordinary = of(target, "two-live");
    assert.equal(await ordinary.strategy.create(ordinary.context, undefined), text(left));
    const emergency = of(target, "two-live", { emergency: true });
    const made = await emergency.strategy.create(emergency.context, undefined);
    assert.notEqual(made, text(left));
    assert.ok(!target.accepted.has(left.id));
  });

  it("an emergency makes the new one first; where there is no room, what is not current is revoked, and it is tried again", async () => {
    const target = new Target();
    const [current, older] = [target.make(), target.make()];
    const { strategy, context } = of(target, "two-live", { emergency: true });
    const versions: Record<string, string> = { v1: text(older), v2: text(current) };
    const secretsManager = {
      describe: async () => ({
        arn: "",
        createdAt: undefined,
        tags: {},
        deletedAt: undefined,
        stages: { v1: [], v2: [] },
      }),
      value: async (_: string, id: string) => versions[id],
    } as unknown as SecretsManager;
    const here = { ...context, ports: { ...context.ports, secretsManager } };
    await strategy.create(here, text(current));
    assert.ok(target.accepted.has(older.id), "there was room");
    const make = target.make.bind(target);
    target.make = () => {
      if (target.accepted.size >= 2) throw new RotatorError("there is no room");
      return make();
    };
    await strategy.create(here, text(current));
    assert.ok(!target.accepted.has(older.id) && target.accepted.has(current.id));
  });

  it("secondary-first: the target is told of the next one, and the one in use stays", async () => {
    const target = new Target();
    const current = target.make();
    const { strategy, context } = of(target, "two-live", { secondaryFirst: true });
    const kept = () => target.accepted.set(current.id, current.key);
    const pending = await strategy.create(context, text(current));
    const values = { pending, current: text(current), previous: undefined };
    await strategy.set(context, values);
    // This target takes one alone.
    kept();
    await strategy.test(context, values);
    assert.equal(strategy.phasing?.phaseIn?.(context, pending), "prepare");
    assert.deepEqual([...target.accepted.keys()].sort(), [current.id, JSON.parse(pending).idSecondary].sort());
  });

  it("a target that does not answer for a moment is asked again", async () => {
    const target = new Target();
    const { strategy, context } = of(target, "two-live");
    const pending = text(target.make());
    target.silent = 2;
    await strategy.test(context, { pending, current: undefined, previous: undefined });
  });

  it("two-live: what was valid before is revoked, in an emergency also what only the issuer knows of", async () => {
    const target = new Target();
    const [current, pending, unknown] = [target.make(), target.make(), target.make()];
    const values = { pending: text(pending), current: text(current), previous: undefined };
    const ordinary = of(target, "two-live");
    assert.match((await ordinary.strategy.retire(ordinary.context, values, undefined)) ?? "", /refuses the credential/);
    assert.deepEqual([...target.accepted.keys()], [pending.id, unknown.id]);
    const emergency = of(target, "two-live", { emergency: true });
    await emergency.strategy.retire(emergency.context, values, undefined);
    assert.deepEqual([...target.accepted.keys()], [pending.id]);
  });

  it("one-live: the current credential is set back where the target takes it no more", async () => {
    const target = new Target();
    const current = target.make();
    const { strategy, context } = of(target, "one-live");
    const pending = await strategy.create(context, text(current));
    const values = { pending, current: text(current), previous: undefined };
    await strategy.set(context, values);
    assert.ok(!(await strategy.accepts(context, text(current))));
    assert.equal((await strategy.setBack?.(context, values))?.acceptsCurrent, true);
    assert.ok(await strategy.accepts(context, text(current)));
  });

  it("expiring: it is revoked where somebody takes that", async () => {
    const target = new Target();
    const [current, pending] = [target.make(), target.make()];
    const values = { pending: text(pending), current: text(current), previous: undefined };
    const without = of(target, "expiring");
    assert.equal(await without.strategy.retire(without.context, values, undefined), undefined);
    assert.ok(target.accepted.has(current.id));
    const revoking = of(target, "expiring", { more: ["revoke"] });
    assert.ok(await revoking.strategy.retire(revoking.context, values, undefined));
    assert.ok(!target.accepted.has(current.id));
  });
});
