import assert from "node:assert/strict";
import {
  type Evaluation,
  evaluateConfig,
  evaluateSecret,
  type SecretFacts,
  statusOf,
  whileRotatingSecrets,
} from "../../../policies/rules";
import { levelOf, type PackConfig } from "../../../policies/rules/packConfig";
import { awayFromMidnight, daysAgo, managedSecret } from "../resources";
import { sharedPack } from "../sharedPack";

const now = new Date("2026-03-01T10:00:00Z");
const production: Evaluation = { now, stack: "prod", environment: "prod" };
const tags = { "managed-by": "secret-rotation", environment: "prod", kind: "app", strategy: "simple" };
const rotatedOn = (date: string, more: Record<string, string> = {}): SecretFacts => ({
  name: "prod/shop/session-key",
  tags: { ...tags, "rotated-at": `${date}T23:00:00Z`, ...more },
});
const stale = rotatedOn("2025-11-30");
const staleMessage =
  "prod/shop/session-key is 91 days old (since 2025-11-30); its limit is 90 days (no tag max-age-days). " +
  "Run: npm run rotate -- shop/session-key --stack prod";
const cert = { kind: "certificate", strategy: "renewal" };

describe("policies/rules/evaluateSecret", () => {
  it("passes at the limit and reports a day later", () => {
    assert.deepEqual(evaluateSecret(rotatedOn("2025-12-01"), production), []);
    assert.deepEqual(evaluateSecret(stale, production), [
      { policy: "secret-max-age", level: "mandatory", secret: "prod/shop/session-key", message: staleMessage },
    ]);
  });

  it("dates a secret without the tag created-at by what Secrets Manager says", () => {
    const created = (at: string) => ({ name: "prod/shop/new", tags, createdAt: new Date(at) });
    assert.deepEqual(evaluateSecret(created("2026-02-28T00:00:00Z"), production), []);
    const [found] = evaluateSecret(created("2026-02-27T23:59:59Z"), production);
    assert.match(found?.message ?? "", /^prod\/shop\/new is 2 days old \(since 2026-02-27\) and was never rotated;/);
  });

  it("takes level, limits, exceptions and disabled policies from the configuration of the pack", () => {
    const levelsWith = (config: PackConfig, environment = "prod") =>
      evaluateSecret(stale, { ...production, environment, config }).map(({ level }) => level);
    assert.deepEqual(levelsWith({}, "dev"), ["advisory"]);
    assert.deepEqual(levelsWith({ "secret-max-age": "advisory" }), ["advisory"]);
    assert.deepEqual(levelsWith({ "secret-max-age": { enforcementLevel: "mandatory" } }, "dev"), ["mandatory"]);
    assert.deepEqual(levelsWith({ all: "advisory", "secret-max-age": "mandatory" }), ["mandatory"]);
    assert.deepEqual(levelsWith({ all: "advisory" }), ["advisory"]);
    assert.deepEqual(levelsWith({ "secret-max-age": { maxAgeDays: { app: 100 } } }), []);
    assert.deepEqual(levelsWith({ "secret-max-age": "disabled" }), []);
    const waiver = (until: string) => ({ reason: "r", until });
    assert.deepEqual(levelsWith({ "secret-max-age": { disabled: waiver("2026-03-01") } }), []);
    assert.deepEqual(levelsWith({ "secret-max-age": { disabled: waiver("2026-02-28") } }), ["mandatory"]);
    const excepted = { exceptions: [{ secret: "shop/session-key", ...waiver("2026-03-01") }] };
    assert.deepEqual(levelsWith({ "secret-max-age": excepted }), []);
  });

  it("reports waivers once a run, and a policy that its level disables", () => {
    const config: PackConfig = {
      "secret-max-age": { exceptions: [{ secret: "shop/a", reason: "r", until: "2026-02-28" }] },
      "certificate-expiry": { disabled: { reason: "r", until: "2026-03-02" } },
      "secret-has-strategy": "disabled",
    };
    assert.deepEqual(
      evaluateConfig({ ...production, config }).map(({ policy, level, secret }) => [policy, level, secret]),
      [
        ["secret-max-age", "mandatory", undefined],
        ["certificate-expiry", "advisory", undefined],
        ["policies-stay-enabled", "mandatory", undefined],
      ],
    );
    assert.deepEqual(evaluateConfig(production), []);
  });

  it("says which policies are lowered, and why, as the pack does", () => {
    const said = (config: PackConfig, environment = "prod") =>
      evaluateConfig({ ...production, environment, config }).map(({ policy, level, message }) => {
        assert.equal(policy, "policies-stay-enabled");
        return `${level}: ${message}`;
      });
    const waiver = (until: string) => ({ lowered: { reason: "r", until } });
    const all = "secret-max-age, secret-never-rotated, secret-retire-pending, certificate-expiry, secret-has-strategy";
    const [unreasoned] = said({ all: "advisory" });
    assert.match(unreasoned ?? "", new RegExp(`^mandatory: ${all} are lowered to advisory, which says neither why`));
    assert.deepEqual(said({ all: "advisory" }, "dev"), []);
    assert.deepEqual(said({ all: "mandatory" }), []);
    assert.deepEqual(said({ all: "advisory", "policies-stay-enabled": waiver("2026-03-02") }), [
      `advisory: ${all} are lowered to advisory until 2026-03-02: r`,
    ]);
    const one = (until: string): PackConfig => ({
      "secret-max-age": { enforcementLevel: "advisory", ...waiver(until) },
    });
    assert.deepEqual(said(one("2026-03-02")), ["advisory: secret-max-age is lowered to advisory until 2026-03-02: r"]);
    assert.match(said(one("2026-02-28"))[0] ?? "", /^mandatory: .* no longer: it ended on 2026-02-28/);
    // Its own level is not to be configured.
    assert.equal(said({ all: "advisory", "policies-stay-enabled": "disabled" }).length, 1);
    // A waiver that has ended is to be removed, though nothing needs it.
    assert.match(said({ "secret-max-age": waiver("2026-02-28") })[0] ?? "", /^mandatory: .*it ended on 2026-02-28/);
  });

  it("keeps advice on certificates advice", () => {
    const ends = (date: string) => rotatedOn("2026-02-01", { ...cert, "not-after": date });
    const levelOn = (date: string) => evaluateSecret(ends(date), production).map(({ level }) => level);
    assert.deepEqual(levelOn("2026-04-30"), []);
    assert.deepEqual(levelOn("2026-04-29"), ["advisory"]);
    assert.deepEqual(levelOn("2026-03-31"), ["advisory"]);
    assert.deepEqual(levelOn("2026-03-30"), ["mandatory"]);
  });

  describe("statusOf", () => {
    const dueOf = (secret: SecretFacts, config: PackConfig = {}) => {
      const { due } = statusOf(secret, { ...production, config });
      return due && [due.policy, due.at.toISOString()];
    };

    it("says age and limit in days, and when the secret becomes due", () => {
      assert.deepEqual(statusOf(rotatedOn("2026-01-30"), production), {
        ageDays: 30,
        limitDays: 90,
        due: { policy: "secret-max-age", at: new Date("2026-05-01T00:00:00Z") },
      });
      assert.deepEqual(dueOf(stale), ["secret-max-age", "2026-03-01T00:00:00.000Z"]);
    });

    it("says when a first rotation, or a renewal, is due", () => {
      const created = { name: "prod/shop/new", tags: { ...tags, "created-at": "2026-03-01T09:00:00Z" } };
      assert.deepEqual(dueOf(created), ["secret-never-rotated", "2026-03-03T00:00:00.000Z"]);
      assert.deepEqual(statusOf(created, production).ageDays, undefined);
      const certificate = rotatedOn("2026-02-01", { ...cert, "not-after": "2026-05-01T12:00:00Z" });
      assert.deepEqual(dueOf(certificate), ["certificate-expiry", "2026-04-02T00:00:00.000Z"]);
    });

    it("is due now where a date cannot be read, and never where nobody manages the secret", () => {
      assert.deepEqual(dueOf(rotatedOn("yesterday")), ["secret-max-age", now.toISOString()]);
      assert.deepEqual(dueOf({ name: "other/thing", tags: {} }), undefined);
      assert.deepEqual(statusOf(rotatedOn("2026-02-01", { "max-age-days": "x" }), production).limitDays, undefined);
    });

    it("agrees with evaluateSecret about the day", () => {
      const secrets = [
        rotatedOn("2026-01-30"),
        rotatedOn("2026-02-01", { ...cert, "not-after": "2026-05-01T12:00:00Z" }),
        { name: "prod/shop/new", tags: { ...tags, "created-at": "2026-03-01T09:00:00Z" } },
      ];
      for (const secret of secrets) {
        const at = statusOf(secret, production).due?.at.getTime() ?? Number.NaN;
        const mandatory = (time: number) =>
          evaluateSecret(secret, { ...production, now: new Date(time) }).filter(({ level }) => level === "mandatory");
        assert.equal(mandatory(at - 1).length, 0, secret.name);
        assert.equal(mandatory(at).length, 1, secret.name);
      }
    });
  });

  describe("whileRotatingSecrets", () => {
    it("adds to what is configured, and leaves the levels as they are", () => {
      const config: PackConfig = {
        all: "mandatory",
        "secret-max-age": { enforcementLevel: "advisory", maxAgeDays: { app: 30 } },
        "secret-never-rotated": "mandatory",
        "secret-has-strategy": "advisory",
      };
      const rotatingNow = { run: "run-1", names: ["shop/a"] };
      assert.deepEqual(whileRotatingSecrets(config, ["shop/a"], "run-1"), {
        all: "mandatory",
        "secret-max-age": { maxAgeDays: { app: 30 }, rotatingNow, enforcementLevel: "advisory" },
        "secret-never-rotated": { rotatingNow, enforcementLevel: "mandatory" },
        "certificate-expiry": { rotatingNow },
        "secret-has-strategy": "advisory",
      });
      assert.equal(
        levelOf(whileRotatingSecrets({ all: "advisory" }, ["a"], "run-1"), "secret-max-age", "prod"),
        "advisory",
      );
    });

    it("says nothing of what is live", () => {
      const config = whileRotatingSecrets({}, ["shop/session-key"], "run-1");
      assert.deepEqual(evaluateSecret(stale, { ...production, config }), evaluateSecret(stale, production));
    });
  });

  it("says of a live secret what the pack says of the Secret in a stack", async function () {
    await awayFromMidnight(this);
    const pack = await sharedPack("prod");
    await pack.configure();
    const cases = [
      managedSecret("prod/shop/orders-db", 10),
      managedSecret("prod/shop/orders-db", 91),
      managedSecret("prod/shop/orders-db", 5, { "rotated-at": "never" }),
      managedSecret("prod/shop/tls", 5, { ...cert, "not-after": daysAgo(-20) }),
      managedSecret("prod/shop/orders-db", 5, { kind: "unheard-of" }),
    ];
    for (const resource of cases) {
      const inStack = await pack.analyze(resource);
      const facts = { name: String(resource.props.name), tags: resource.props.tags as Record<string, string> };
      const live = evaluateSecret(facts, { ...production, now: new Date() });
      assert.deepEqual(
        live.map(({ policy, level, message }) => [policy, level, message]),
        inStack.map(({ policy, level, message }) => [policy, level, message.slice(message.indexOf("\n") + 1)]),
      );
    }
  });
});
