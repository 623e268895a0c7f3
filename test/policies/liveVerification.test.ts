import assert from "node:assert/strict";
import { Pack } from "./analyzer";
import { awayFromMidnight, dateDaysAgo, daysAgo, managedSecret, ofPolicy, reporter } from "./resources";
import { type SecretsManagerStub, type StubVersion, startSecretsManagerStub } from "./secretsManagerStub";

const policy = "secret-max-age";
const says = reporter(policy, "A secret is rotated before it reaches the maximum age of its kind.");
const provider = { region: "eu-west-1" };
const version = (days: number, ...stages: string[]): StubVersion => ({ stages, createdAt: new Date(daysAgo(days)) });
const noCredentials = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_CONFIG_FILE: "/dev/null",
};

describe('policies/secretMaxAge with verify: "live"', () => {
  let pack: Pack;
  let stub: SecretsManagerStub;
  before(async function () {
    await awayFromMidnight(this);
    stub = await startSecretsManagerStub({
      "prod/shop/honest": [version(200), version(101, "AWSPREVIOUS"), version(41, "AWSCURRENT")],
      "prod/shop/stale": [version(91, "AWSCURRENT")],
      "prod/shop/unwritten": [version(1, "AWSPENDING")],
      "prod/shop/native": [version(91, "AWSCURRENT")],
      "prod/shop/forbidden": "AccessDeniedException",
      "prod/shop/expired": "ExpiredTokenException",
      "prod/shop/broken": "InternalServiceError",
    });
    const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    pack = await Pack.start({ stack: "prod", env: { ...noCredentials, ...credentials, AWS_ENDPOINT_URL: stub.url } });
    await pack.configure({ [policy]: { verify: "live" } });
  });
  after(async () => {
    await Promise.all([pack?.stop(), stub?.stop()]);
  });

  async function judged(name: string, rotatedDaysAgo: number, tags: Record<string, string> = {}) {
    stub.asked.length = 0;
    return ofPolicy(policy, await pack.analyze({ ...managedSecret(name, rotatedDaysAgo, tags), provider }));
  }

  it("passes a tag that agrees with AWSCURRENT within a day, whatever page that is on, and reads no value", async () => {
    assert.deepEqual(await judged("prod/shop/honest", 40), []);
    assert.deepEqual(stub.asked, ["ListSecretVersionIds prod/shop/honest", "ListSecretVersionIds prod/shop/honest"]);
  });

  it("reports a tag that makes the secret younger than it is, and that it is stale", async () => {
    const cure = "Run: npm run rotate -- shop/stale --stack prod";
    assert.deepEqual(await judged("prod/shop/stale", 10), [
      says(
        "mandatory",
        `prod/shop/stale: its tag rotated-at says ${dateDaysAgo(10)}, but AWSCURRENT was created on ${dateDaysAgo(91)}, ` +
          `81 days apart. ${cure}`,
      ),
      says(
        "mandatory",
        `prod/shop/stale is 91 days old (since ${dateDaysAgo(91)}); its limit is 90 days (no tag max-age-days). ${cure}`,
      ),
    ]);
  });

  it("reports a value that was written without a rotation", async () => {
    const [lie, ...rest] = await judged("prod/shop/honest", 85);
    assert.deepEqual(rest, []);
    assert.match(lie?.message ?? "", /its tag rotated-at says .*, but AWSCURRENT was created on .*, 44 days apart\./);
  });

  it("takes the tolerance from the configuration", async () => {
    await pack.configure({ [policy]: { verify: "live", verifyToleranceDays: 44 } });
    assert.deepEqual(await judged("prod/shop/honest", 85), []);
    await pack.configure({ [policy]: { verify: "live" } });
  });

  it("judges what AWS rotates by AWSCURRENT alone", async () => {
    const { props, ...rest } = managedSecret("prod/shop/native", 1, { strategy: "native" });
    const { "rotated-at": _, ...tags } = props.tags as Record<string, string>;
    const found = await pack.analyze({ ...rest, props: { ...props, tags }, provider });
    assert.deepEqual(ofPolicy(policy, found), [
      says(
        "mandatory",
        `prod/shop/native is 91 days old (since ${dateDaysAgo(91)}); its limit is 90 days (no tag max-age-days). ` +
          "Run: aws secretsmanager rotate-secret --secret-id prod/shop/native",
      ),
    ]);
  });

  it("goes by the tag where there is no AWSCURRENT, or no such secret yet", async () => {
    assert.deepEqual(await judged("prod/shop/unwritten", 1), []);
    assert.deepEqual(await judged("prod/shop/not-there", 1), []);
    assert.equal((await judged("prod/shop/not-there", 91)).length, 1);
  });

  it("says that it may not ask, and what to allow", async () => {
    assert.deepEqual(await judged("prod/shop/forbidden", 1), [
      says(
        "mandatory",
        "prod/shop/forbidden: cannot verify its age live: secretsmanager:ListSecretVersionIds is denied. " +
          "Allow it to the credentials of this run",
      ),
    ]);
  });

  it("says that its credentials are refused", async () => {
    const refused = "Secrets Manager refuses the credentials (ExpiredTokenException). Renew them";
    assert.deepEqual(await judged("prod/shop/expired", 1), [
      says("mandatory", `prod/shop/expired: cannot verify its age live: ${refused}`),
    ]);
  });

  it("says that Secrets Manager failed, and judges the tag", async () => {
    const [failure, stale] = await judged("prod/shop/broken", 91);
    assert.deepEqual(
      failure,
      says(
        "mandatory",
        "prod/shop/broken: cannot verify its age live: Secrets Manager answered InternalServiceError. " +
          "Repeat the run, or remove verify: live",
      ),
    );
    assert.match(stale?.message ?? "", /^.*\nprod\/shop\/broken is 91 days old/);
  });

  it("says that it has no credentials, once asked for", async () => {
    const without = await Pack.start({ stack: "prod", env: { ...noCredentials, AWS_ENDPOINT_URL: stub.url } });
    try {
      await without.configure();
      assert.deepEqual(await without.analyze(managedSecret("prod/shop/honest", 40)), []);
      await without.configure({ [policy]: { verify: "live" } });
      for (const name of ["prod/shop/honest", "prod/shop/stale"]) {
        const found = await without.analyze({ ...managedSecret(name, 40), provider });
        assert.deepEqual(found, [
          says(
            "mandatory",
            `${name}: cannot verify its age live: no AWS credentials were found. Set them (e.g. AWS_PROFILE), or remove verify: live`,
          ),
        ]);
      }
    } finally {
      await without.stop();
    }
  });
});
