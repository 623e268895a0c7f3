import assert from "node:assert/strict";
import { KMS } from "@aws-sdk/client-kms";
import { type FaultProject, faultProject } from "../faults/faultProject";
import { cli } from "../integration/cli";
import { only, useSandbox } from "../integration/project";
import { workloads } from "../integration/workloads";

const stack = "aws-checks";
const secret = (more: object = {}) => ({
  name: "one",
  kind: "app",
  syncTimeout: "1m",
  rolloutTimeout: "5m",
  externalSecret: { target: "one", keys: [{ key: "KEY" }] },
  consumers: [{ namespace: stack, name: "web", takes: "env" }],
  ...more,
});

describe("what ends in AWS before the rotation would is found before anything is touched", function () {
  this.timeout(300_000);
  let project: FaultProject;
  let kms: KMS;
  let key: string;

  before(async () => {
    await useSandbox();
    await workloads().createNamespace(stack);
    await workloads().deploy(stack, "web");
    project = await faultProject(stack);
    kms = new KMS({ region: "eu-west-1" });
    const { KeyMetadata } = await kms.createKey({});
    key = KeyMetadata?.KeyId ?? "";
    project.declare([secret({ kmsKeyId: KeyMetadata?.Arn })]);
    await project.up();
    assert.equal(only(await project.rotate(["one"])).outcome, "rotated");
  });
  after(() => project.remove());

  const versions = async () => {
    const { current, pending } = await project.live("one");
    return [current, pending];
  };

  it("a KMS key that is disabled or scheduled for deletion", async () => {
    const before = await versions();
    const refused = async (says: RegExp, hint: RegExp) => {
      const { error } = only(await project.rotate(["one"]));
      assert.deepEqual([error?.code, error?.step, await versions()], ["AWS_FAILED", "check", before]);
      assert.match(error?.message ?? "", says);
      assert.match(error?.hint ?? "", hint);
    };
    await kms.disableKey({ KeyId: key });
    await refused(/the KMS key arn:.* is disabled$/, /aws kms enable-key --key-id arn:/);
    await kms.scheduleKeyDeletion({ KeyId: key, PendingWindowInDays: 7 });
    await refused(/is scheduled for deletion \(20/, /aws kms cancel-key-deletion/);
    await kms.cancelKeyDeletion({ KeyId: key });
    await kms.enableKey({ KeyId: key });
    assert.equal(only(await project.rotate(["one"])).outcome, "rotated");
  });

  describe("credentials of the environment", () => {
    const rotate = async (lastsSeconds: number, ...more: string[]) => {
      process.env.AWS_SESSION_TOKEN = "sandbox";
      process.env.AWS_CREDENTIAL_EXPIRATION = new Date(Date.now() + lastsSeconds * 1000).toISOString();
      try {
        return await cli(project.folder, "rotate", "one", "--stack", stack, ...more).finished;
      } finally {
        delete process.env.AWS_SESSION_TOKEN;
        delete process.env.AWS_CREDENTIAL_EXPIRATION;
      }
    };

    it("that have expired, or would during the run, stop it", async () => {
      const before = await versions();
      for (const [seconds, says] of [
        [-1, /the AWS credentials have expired \(AWS_CREDENTIAL_EXPIRATION says 20/],
        [
          300,
          /the AWS credentials last for (4|5) min more .*, and this run may take 8 min; nothing was changed\n {2}log/,
        ],
      ] as const) {
        const { code, stderr, stdout } = await rotate(seconds);
        assert.deepEqual([code, await versions()], [2, before], stdout);
        assert.match(stderr, says);
        const preview = await rotate(seconds, "--dry-run");
        assert.equal(preview.code, 2);
        assert.match(preview.stdout, says);
        assert.match(preview.stdout, /^ {2}checked: Deployment aws-checks\/web takes the change/m);
      }
    });

    it("that last for the run are shown by the dry run, and go on", async () => {
      const { code, stdout } = await rotate(3600, "--dry-run");
      assert.equal(code, 0);
      assert.match(stdout, /^checked: the AWS credentials last for 59 min more, and this run may take 8 min$/m);
      assert.equal((await rotate(3600)).code, 0);
    });
  });
});
