import assert from "node:assert/strict";
import { readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { silent } from "../../rotation/observer";
import type { RunResult } from "../../rotation/result";
import type { Step } from "../../rotation/steps";
import { AwsProxy } from "../faults/awsProxy";
import { killEngineOf } from "../integration/killEngine";
import { createProject, type Project, useSandbox } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { sandboxPaths } from "../sandbox/paths";

const stack = "part";
const secret = (name: string, workload: string) => ({
  name,
  kind: "app",
  syncTimeout: "2m",
  rolloutTimeout: "2m",
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: [{ namespace: stack, name: workload, takes: "env" }],
});
/** Two of each workload. */
const many = Array.from({ length: 12 }, (_, i) => secret(`s${i}`, `w${Math.floor(i / 2)}`));

interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly outputs?: Record<string, unknown>;
}

describe("a rotation of a part of a stack", function () {
  this.timeout(300_000);
  let project: Project;
  let proxy: AwsProxy;
  let folder: string;
  let cluster: Workloads;

  before(async () => {
    const sandbox = await useSandbox();
    folder = sandboxPaths(sandbox.dir).pulumiState;
    proxy = await AwsProxy.start();
    project = await createProject(stack, { "aws:endpoints": [{ secretsmanager: proxy.endpoint }] });
    cluster = workloads();
    await cluster.createNamespace(stack);
    for (let i = 0; i < many.length / 2; i++) await cluster.deploy(stack, `w${i}`);
    project.declare(many);
    await project.up();
    const { secrets } = await project.rotate(many.map(({ name }) => name));
    assert.deepEqual(new Set(secrets.map(({ outcome }) => outcome)), new Set(["rotated"]));
  });
  after(async () => {
    project.remove();
    await proxy.stop();
  });

  /** The engine encrypts anew what it writes. */
  const uncrypted = (key: string, value: unknown) => (key === "ciphertext" ? "" : value);
  const resources = (): readonly Recorded[] => {
    const text = readFileSync(join(folder, ".pulumi/stacks/secret-rotation", `${stack}.json`), "utf8");
    return JSON.parse(text, uncrypted).checkpoint.latest.resources;
  };
  const outputs = () =>
    resources().find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs as {
      secrets: Record<string, { versionId: string }>;
      workloads: string[];
    };
  const isOf = (name: string, workload: string) => (urn: string) =>
    urn.endsWith(`::${name}`) || urn.endsWith(`/${name}`) || urn.endsWith(`/${workload}`);

  it("leaves all else in the state as it is, keeps the outputs whole, and nothing for pulumi up to change", async () => {
    const [before, said] = [resources(), outputs()];
    const { secrets } = await project.rotate(["s3"]);
    assert.equal(secrets[0]?.outcome, "rotated", secrets[0]?.error?.message);
    const own = isOf("s3", "w1");
    const others = (all: readonly Recorded[]) =>
      new Map(all.filter(({ urn, type }) => !own(urn) && type !== "pulumi:pulumi:Stack").map((one) => [one.urn, one]));
    assert.deepEqual(others(resources()), others(before));
    const { s3 } = outputs().secrets;
    assert.equal(s3?.versionId, secrets[0]?.newVersionId);
    assert.deepEqual({ ...outputs(), secrets: { ...outputs().secrets, s3: said.secrets.s3 } }, said);
    assert.deepEqual(await project.up(), []);
    assert.deepEqual(Object.keys(outputs().secrets).sort(), many.map(({ name }) => name).sort());
  });

  describe("of more secrets than are to be under way at once", () => {
    const names = many.map(({ name }) => name);
    const outcomesOf = ({ secrets }: RunResult) => secrets.map(({ outcome, error }) => error?.message ?? outcome);
    const rollouts = () => Promise.all(Array.from({ length: 6 }, (_, i) => cluster.rollouts(stack, `w${i}`)));

    /** Which steps have begun, in their order. */
    const watched = () => {
      const begun: string[] = [];
      return {
        begun,
        observer: { ...silent, stepStarted: (name: string, step: Step) => void begun.push(`${step} ${name}`) },
      };
    };
    /** How often the state is written: each time as a new file, moved to its place. */
    const stateWrites = () => {
      let count = 0;
      const watcher = watch(join(folder, ".pulumi/stacks/secret-rotation"), (_, name) => {
        if (name === `${stack}.json`) count++;
      });
      return {
        end: () => {
          watcher.close();
          return count;
        },
      };
    };
    /** All are rotated, and each workload restarts once. */
    const rotatesAll = async (options: Parameters<Project["rotate"]>[1]) => {
      const before = await rollouts();
      const run = await project.rotate(names, options);
      assert.deepEqual(new Set(outcomesOf(run)), new Set(["rotated"]));
      assert.deepEqual(
        await rollouts(),
        before.map((count) => count + 1),
      );
    };

    it("goes in waves, each workload restarts once, and nothing is left for pulumi up to change", async () => {
      const { begun, observer } = watched();
      await rotatesAll({ parallel: 4, observer });
      // The first wave has begun its rollouts before the last one's values are set.
      assert.ok(begun.indexOf("rollout s0") < begun.indexOf("set s11"), begun.join(", "));
      assert.doesNotMatch(JSON.stringify(resources()), /previewed/);
      assert.deepEqual(await project.up(), []);
    });

    it("restarts the first workloads before the last ones' values are set, in one update too", async () => {
      const { begun, observer } = watched();
      await rotatesAll({ atOnce: 4, observer });
      const order = begun.filter((what) => /^(set|rollout) /.test(what));
      const underWay = order.map((_, i) => {
        const soFar = order.slice(0, i + 1);
        return (
          soFar.filter((what) => what.startsWith("set")).length -
          soFar.filter((what) => what.startsWith("rollout")).length
        );
      });
      // The next are admitted when the engine has recorded the restart, just after it has begun.
      assert.ok(Math.max(...underWay) <= 4, order.join(", "));
    });

    it("writes all versions first, and the state once an update, where that is asked for or pays", async () => {
      const { begun, observer } = watched();
      const writes = stateWrites();
      await rotatesAll({ versionsFirst: true, observer });
      assert.ok(begun.lastIndexOf("create s11") < begun.findIndex((what) => what.startsWith("set")), begun.join(", "));
      // Each of the three updates writes it when it begins, when the program has ended, and at its end.
      assert.ok(writes.end() < names.length, `${writes.end()} times`);
      assert.deepEqual(await project.up(), []);
    });

    it("does so in an emergency too, and stamps each secret", async () => {
      await rotatesAll({ versionsFirst: true, emergency: true });
      const recorded = await project.recorded();
      for (const name of names) assert.equal(recorded.get(name)?.stampedVersion, recorded.get(name)?.version?.id, name);
    });

    it("a kill costs one wave: the same command again goes on with that, and with no other", async () => {
      let set = 0;
      const stepStarted = (_: string, step: Step) => {
        // The first of the second wave.
        if (step === "set" && ++set === 5) killEngineOf(stack);
      };
      const killed = await project.rotate(names, { parallel: 4, observer: { ...silent, stepStarted } });
      const failed = killed.secrets.filter(({ error }) => error);
      assert.deepEqual(
        killed.secrets.filter(({ error }) => !error).map(({ secret }) => secret),
        names.slice(0, 4),
      );
      for (const { error } of failed) assert.match(error?.hint ?? "", /run the same command again/);
      assert.deepEqual(await project.up(), []);
      const again = await project.rotate(names, { parallel: 4 });
      const resumed = again.secrets.filter(({ outcome }) => outcome === "resumed").map(({ secret }) => secret);
      assert.deepEqual(new Set(outcomesOf(again)), new Set(["rotated", "resumed"]));
      // Of the wave that was killed, those whose value had been written already.
      assert.ok(resumed.length > 0);
      assert.deepEqual(
        resumed.filter((name) => !names.slice(4, 8).includes(name)),
        [],
      );
      assert.deepEqual(await project.up(), []);
    });
  });

  describe("of one secret", () => {
    it("asks AWS about nothing else, and as often in a stack of 12 as in one of 2", async () => {
      const asked = async () => {
        const before = proxy.requests.length;
        const { secrets } = await project.rotate(["s0"]);
        assert.equal(secrets[0]?.outcome, "rotated", secrets[0]?.error?.message);
        const requests = proxy.requests.slice(before);
        assert.deepEqual(new Set(requests.map(({ secret: name }) => name)), new Set([`${stack}/s0`]));
        // Of what is read again until it is there, the count is a matter of time.
        return requests.map(({ operation }) => operation).filter((operation) => operation !== "GetSecretValue");
      };
      const ofMany = await asked();
      const others = many.slice(2).map(({ name }) => name);
      project.declare(many.slice(0, 2), { "secret-rotation:mayDelete": others.map((name) => `${stack}/${name}`) });
      for (const name of others) await project.unprotect(name);
      await project.up();
      assert.deepEqual((await asked()).sort(), ofMany.sort());
    });
  });
});
