import assert from "node:assert/strict";
import { type Json, Pack, type PolicyLevel, unknownText } from "./analyzer";
import {
  awayFromMidnight,
  dateDaysAgo,
  daysAgo,
  managedSecret,
  ofPolicy,
  reporter,
  secret,
  stackResource,
} from "./resources";
import { sharedPack } from "./sharedPack";

const names = [
  "secret-max-age",
  "secret-never-rotated",
  "secret-retire-pending",
  "certificate-expiry",
  "secret-value-not-in-state",
  "secret-has-strategy",
  "external-secret-follows",
  "workload-takes-updates",
  "secret-encryption-and-recovery",
  "rotation-access-least-privilege",
  "rotation-alarms-present",
  "policies-stay-enabled",
];
const ageSays = reporter("secret-max-age", "A secret is rotated before it reaches the maximum age of its kind.");
const stale = managedSecret("prod/shop/orders-db", 100);

async function levelsOf(pack: Pack): Promise<Record<string, PolicyLevel>> {
  const levels = ["advisory", "mandatory", "disabled", "remediate"] as const;
  const policies = (await pack.info()).getPoliciesList();
  return Object.fromEntries(policies.map((p) => [p.getName(), levels[p.getEnforcementlevel()] ?? "disabled"]));
}

describe("policies/index: the pack", () => {
  let pack: Pack;
  before(async function () {
    await awayFromMidnight(this);
    pack = await sharedPack("prod");
  });
  beforeEach(() => pack.configure());

  it("has every policy, each with a description and a schema of its configuration", async () => {
    const info = await pack.info();
    assert.equal(info.getName(), "secret-rotation");
    assert.deepEqual(
      info.getPoliciesList().map((p) => p.getName()),
      names,
    );
    for (const policy of info.getPoliciesList()) {
      assert.notEqual(policy.getDescription(), "");
      assert.ok(policy.hasConfigschema(), policy.getName());
    }
  });

  describe("its levels", () => {
    const expected = (level: PolicyLevel) => Object.fromEntries(names.map((name) => [name, level]));

    for (const [stack, level] of [
      ["prod", "mandatory"],
      ["dev", "advisory"],
    ] as const) {
      it(`are ${level} in stack ${stack}`, async () => {
        assert.deepEqual(await levelsOf(await sharedPack(stack)), expected(level));
      });
    }

    it("go by the environment that the stack's configuration says", async () => {
      const config = { "secret-rotation:environment": "dev" };
      assert.deepEqual(await levelsOf(await sharedPack({ stack: "alice", config })), expected("advisory"));
    });

    it("are strict where the engine does not say the stack, which the pack then reads from the resource", async () => {
      const silent = await sharedPack({ stack: "dev", saysStack: false });
      assert.deepEqual(await levelsOf(silent), expected("mandatory"));
      await silent.configure();
      const found = ofPolicy("secret-max-age", await silent.analyze(managedSecret("dev/shop/orders-db", 61)));
      assert.deepEqual(found, [
        ageSays(
          "mandatory",
          `dev/shop/orders-db is 61 days old (since ${dateDaysAgo(61)}); its limit is 60 days (environment dev). ` +
            "Run: npm run rotate -- shop/orders-db --stack dev",
        ),
      ]);
    });

    it("are what the configuration says, for one policy or all", async () => {
      await pack.configure({ "secret-max-age": "advisory" });
      assert.equal(ofPolicy("secret-max-age", await pack.analyze(stale))[0]?.level, "advisory");
      const development = await sharedPack("dev");
      await development.configure({ all: "mandatory" });
      assert.equal(ofPolicy("secret-max-age", await development.analyze(stale))[0]?.level, "mandatory");
      await development.configure();
    });
  });

  describe("an exception", () => {
    const reason = "vendor migrates in spring";
    const excepting = (until: string, name = "shop/orders-db"): Record<string, Json> => ({
      "secret-max-age": { exceptions: [{ secret: name, reason, until }] },
    });

    for (const [what, until] of [
      ["ends in the future", dateDaysAgo(-5)],
      ["ends today", dateDaysAgo(0)],
    ] as const) {
      it(`that ${what} lets its secret pass, and is reported once as advice`, async () => {
        await pack.configure(excepting(until));
        assert.deepEqual(await pack.analyze(stale), []);
        assert.deepEqual(await pack.analyze(stackResource), [
          ageSays("advisory", `shop/orders-db is excepted from secret-max-age until ${until}: ${reason}`),
        ]);
      });
    }

    it("that has ended is a violation, as is what it covered", async () => {
      const until = dateDaysAgo(1);
      await pack.configure(excepting(until));
      assert.equal((await pack.analyze(stale)).length, 1);
      assert.deepEqual(await pack.analyze(stackResource), [
        ageSays(
          "mandatory",
          `shop/orders-db is excepted from secret-max-age no longer: it ended on ${until} (${reason}). ` +
            "Cure what it covered, then remove it",
        ),
      ]);
    });

    it("covers the secret it names, by either name, in its policy only", async () => {
      await pack.configure(excepting(dateDaysAgo(-5), "prod/shop/orders-db"));
      assert.deepEqual(await pack.analyze(stale), []);
      assert.equal((await pack.analyze(managedSecret("prod/shop/reports-db", 100))).length, 1);
      const unencrypted = { ...stale, props: { ...stale.props, kmsKeyId: "" } };
      assert.deepEqual(
        (await pack.analyze(unencrypted)).map(({ policy }) => policy),
        ["secret-encryption-and-recovery"],
      );
    });

    it("is not in force with an end that is no date, or without a reason", async () => {
      const incomplete =
        "shop/orders-db in secret-max-age: it needs a reason, and as its end a date such as 2026-03-01, to be in force";
      for (const exception of [
        { secret: "shop/orders-db", reason, until: "2026-02-30" },
        { secret: "shop/orders-db", reason: " ", until: dateDaysAgo(-5) },
      ]) {
        await pack.configure({ "secret-max-age": { exceptions: [exception] } });
        assert.equal((await pack.analyze(stale)).length, 1);
        assert.deepEqual(await pack.analyze(stackResource), [ageSays("mandatory", incomplete)]);
      }
    });
  });

  describe("a disabled policy", () => {
    const reason = "incident 42";

    it("is silent while it is disabled, which is reported as advice", async () => {
      await pack.configure({ "secret-max-age": { disabled: { reason, until: dateDaysAgo(-1) } } });
      assert.deepEqual(await pack.analyze(stale), []);
      assert.deepEqual(await pack.analyze(stackResource), [
        ageSays("advisory", `secret-max-age is disabled until ${dateDaysAgo(-1)}: ${reason}`),
      ]);
    });

    it("works again after the end, which is a violation until it is removed", async () => {
      await pack.configure({ "secret-max-age": { disabled: { reason, until: dateDaysAgo(1) } } });
      assert.equal((await pack.analyze(stale)).length, 1);
      assert.deepEqual(await pack.analyze(stackResource), [
        ageSays(
          "mandatory",
          `secret-max-age is disabled no longer: it ended on ${dateDaysAgo(1)} (${reason}). Cure what it covered, then remove it`,
        ),
      ]);
    });

    it("covers the policies of the whole stack too", async () => {
      const stack = [managedSecret("prod/shop/orders-db", 1)];
      assert.equal((await pack.analyzeStack(stack)).length, 1);
      await pack.configure({ "rotation-alarms-present": { disabled: { reason, until: dateDaysAgo(-1) } } });
      assert.deepEqual(await pack.analyzeStack(stack), []);
      const exceptions = [{ secret: "shop/orders-db", reason, until: dateDaysAgo(-1) }];
      await pack.configure({ "rotation-alarms-present": { exceptions } });
      assert.deepEqual(await pack.analyzeStack(stack), []);
    });

    it("is a violation when its level says it, without a reason or an end", async () => {
      const staysEnabled = reporter(
        "policies-stay-enabled",
        "A policy of this pack is disabled or lowered with a reason and an end date only.",
      );
      const silently = (policy: string) =>
        `${policy} is disabled by its enforcementLevel, which says neither why nor for how long: ` +
        `configure "${policy}": { "disabled": { "reason": "…", "until": "YYYY-MM-DD" } } instead`;
      const disabled = ["secret-max-age", "rotation-alarms-present", "workload-takes-updates"];
      await pack.configure(Object.fromEntries(disabled.map((policy) => [policy, "disabled" as const])));
      assert.deepEqual(await pack.analyze(stale), []);
      assert.deepEqual(
        (await pack.analyze(stackResource)).map(({ message }) => message),
        ["secret-max-age", "workload-takes-updates", "rotation-alarms-present"].map(
          (policy) => staysEnabled("mandatory", silently(policy)).message,
        ),
      );
      await pack.configure();
      assert.deepEqual(await pack.analyze(stackResource), []);
    });
  });

  describe("a level that is lower than by default", () => {
    const says = reporter(
      "policies-stay-enabled",
      "A policy of this pack is disabled or lowered with a reason and an end date only.",
    );
    const reason = "incident 42";
    const lowered = (until: string) => ({ reason, until });
    const add =
      'which says neither why nor for how long: add "lowered": { "reason": "…", "until": "YYYY-MM-DD" } ' +
      "to the policy's configuration, or to that of policies-stay-enabled for all";

    it("is a violation without a reason and an end", async () => {
      await pack.configure({ "secret-max-age": "advisory" });
      assert.deepEqual(await pack.analyze(stackResource), [
        says("mandatory", `secret-max-age is lowered to advisory, ${add}`),
      ]);
      const mandatoryOnes = names.filter((name) => name !== "policies-stay-enabled").join(", ");
      await pack.configure({ all: "advisory" });
      assert.deepEqual(await pack.analyze(stackResource), [
        says("mandatory", `${mandatoryOnes} are lowered to advisory, ${add}`),
      ]);
    });

    it("is advice while it has them, and a violation afterwards", async () => {
      const of = (until: string): Json => ({ enforcementLevel: "advisory", lowered: lowered(until) });
      const until = dateDaysAgo(-1);
      await pack.configure({ "secret-max-age": of(until) });
      assert.deepEqual(await pack.analyze(stackResource), [
        says("advisory", `secret-max-age is lowered to advisory until ${until}: ${reason}`),
      ]);
      assert.equal(ofPolicy("secret-max-age", await pack.analyze(stale))[0]?.level, "advisory");
      await pack.configure({ "secret-max-age": of(dateDaysAgo(1)) });
      const [ended, ...others] = await pack.analyze(stackResource);
      assert.deepEqual([ended?.level, others], ["mandatory", []]);
      assert.match(ended?.message ?? "", /is lowered to advisory no longer: it ended on/);
    });

    it("of all has its reason and end in policies-stay-enabled, whose own level stays", async () => {
      const until = dateDaysAgo(-1);
      await pack.configure({ all: "advisory", "policies-stay-enabled": { lowered: lowered(until) } });
      assert.deepEqual(
        (await pack.analyze(stackResource)).map(({ level }) => level),
        ["advisory"],
      );
      await pack.configure({ all: "disabled" });
      const found = await pack.analyze(stackResource);
      assert.deepEqual([found.length, new Set(found.map(({ level }) => level))], [11, new Set(["mandatory"])]);
    });

    it("is none in development, nor is a higher one", async () => {
      const development = await sharedPack("dev");
      await development.configure({ all: "advisory" });
      assert.deepEqual(await development.analyze(stackResource), []);
      await development.configure();
      await pack.configure({ all: "mandatory" });
      assert.deepEqual(await pack.analyze(stackResource), []);
    });
  });

  it("takes rotatingNow from nobody but the driver", async () => {
    for (const rotatingNow of [
      ["shop/orders-db"],
      { run: "", names: ["shop/orders-db"] },
      { run: "run-1", names: [] },
    ]) {
      await pack.configure({ "secret-max-age": { rotatingNow } });
      assert.deepEqual(
        ofPolicy("secret-max-age", await pack.analyze(stale)).map(({ level }) => level),
        ["mandatory"],
      );
      assert.deepEqual(await pack.analyze(stackResource), [
        ageSays(
          "mandatory",
          "rotatingNow of secret-max-age is for the driver alone, and waives nothing: remove it, and name what has to " +
            "pass in exceptions",
        ),
      ]);
    }
  });

  it("reports a key that a policy's configuration does not have", async () => {
    await pack.configure({ "secret-never-rotated": { afterDay: 3 } });
    const says = reporter(
      "secret-never-rotated",
      "A new secret is rotated for the first time soon after it was created.",
    );
    assert.deepEqual(await pack.analyze(stackResource), [
      says(
        "mandatory",
        "afterDay is no key of the configuration of secret-never-rotated: " +
          "use enforcementLevel, afterDays, exceptions, disabled, lowered",
      ),
    ]);
  });

  it("judges what is known of a resource when other properties are not known yet", async () => {
    const { props, ...rest } = stale;
    const tags = { ...(props.tags as Json), "rotated-by": unknownText };
    const found = await pack.analyze({
      ...rest,
      props: { ...props, tags, arn: unknownText, description: unknownText },
    });
    assert.deepEqual(
      found.map(({ policy, level }) => [policy, level]),
      [["secret-max-age", "mandatory"]],
    );
    assert.deepEqual(
      ofPolicy("secret-max-age", await pack.analyze({ ...rest, props: { ...props, tags: unknownText } })),
      [],
    );
  });

  it("passes a stack in which everything is as infra/ makes it", async () => {
    const fresh = secret(
      "prod/shop/new",
      {
        "managed-by": "secret-rotation",
        environment: "prod",
        kind: "app",
        strategy: "simple",
        "created-at": daysAgo(0),
      },
      { kmsKeyId: unknownText, recoveryWindowInDays: 30 },
    );
    for (const resource of [stackResource, fresh, managedSecret("prod/shop/orders-db", 30)]) {
      assert.deepEqual(await pack.analyze(resource), []);
    }
  });

  it("says what is wrong when it cannot be started", async () => {
    const started = Pack.start({ stack: "prod", env: { NODE_OPTIONS: "--require=./nothing-is-there" } });
    await assert.rejects(started, /the policy pack ended with code 1: [\s\S]*nothing-is-there/);
  });
});
