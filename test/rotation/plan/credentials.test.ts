import assert from "node:assert/strict";
import { longestRunSeconds } from "../../../infra/longestRun";
import { Findings } from "../../../rotation/findings";
import { credentialsLast } from "../../../rotation/plan/credentials";
import type { CredentialsLife } from "../../../rotation/ports/awsCredentials";
import { context, ports } from "../context";

const database = {
  kind: "database",
  externalSecret: { target: "key", keys: [{ key: "password", property: "password" }] },
  database: { dbname: "shop", roles: ["a", "b"], groupRole: "g", superuserSecret: "s", drainTimeout: "5m" },
};
const declared = (more: object) => context(more).secret;

describe("how long a run may take", () => {
  it("is the longest of each wait, and what else a run does", () => {
    const slow = declared({ syncTimeout: "1m", rolloutTimeout: "30m" });
    const late = declared({ syncTimeout: "10m", rolloutTimeout: "1m" });
    assert.equal(longestRunSeconds([slow, late]), 120 + 600 + 1800);
    assert.equal(
      longestRunSeconds([declared({ ...database, syncTimeout: "1m", rolloutTimeout: "1m" })]),
      120 + 300 + 120,
    );
    assert.equal(longestRunSeconds([declared({})]), 120 + 120 + 600);
  });
});

describe("the AWS credentials' lifetime", () => {
  const now = new Date("2026-01-01T00:00:00Z");
  const judge = async (life: Partial<CredentialsLife> & { leftSeconds?: number }) => {
    const { leftSeconds, ...more } = life;
    const expiresAt = leftSeconds === undefined ? undefined : new Date(now.getTime() + leftSeconds * 1000);
    const awsCredentials = { current: async () => ({ fixed: true, temporary: true, expiresAt, ...more }) };
    const findings = new Findings();
    const stop = await credentialsLast([declared({})], ports({ awsCredentials }), findings);
    return { stop: stop?.message, facts: findings.facts };
  };

  it("is enough where they last as long as the run may take", async () => {
    const { stop, facts } = await judge({ leftSeconds: 840 });
    assert.equal(stop, undefined);
    assert.deepEqual(facts, ["the AWS credentials last for 14 min more, and this run may take 14 min"]);
  });

  it("stops the run where they end before, with what is left and what to do", async () => {
    const { stop, facts } = await judge({ leftSeconds: 839 });
    assert.match(stop ?? "", /^the AWS credentials last for 13 min more .*, and this run may take 14 min; nothing was/);
    assert.match(stop ?? "", /log in to AWS again.* MaxSessionDuration .*role-duration-seconds.* rolloutTimeout/);
    assert.deepEqual(facts, []);
    assert.match((await judge({ leftSeconds: -1 })).stop ?? "", /^the AWS credentials have expired .*23:59:59\.000Z/);
  });

  it("limits nothing where they are renewed, or do not end", async () => {
    assert.deepEqual(await judge({ fixed: false, leftSeconds: 1 }), {
      stop: undefined,
      facts: ["the AWS credentials are renewed during the run"],
    });
    assert.match(String((await judge({ temporary: false })).facts), /access key, which does not expire/);
  });

  it("is not claimed where it is not known", async () => {
    // A profile with a session's keys, which nobody renews.
    assert.match(String((await judge({ fixed: false })).facts), /^unknown: how long/);
    assert.deepEqual(await judge({}), {
      stop: undefined,
      facts: ["unknown: how long the AWS credentials last: AWS_CREDENTIAL_EXPIRATION is not set"],
    });
    const awsCredentials = { current: () => Promise.reject(new Error("none")) };
    const findings = new Findings();
    assert.equal(await credentialsLast([declared({})], ports({ awsCredentials }), findings), undefined);
    assert.deepEqual(findings.facts, ["unknown: how long the AWS credentials last"]);
  });
});
