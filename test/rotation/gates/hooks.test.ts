import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ResourceHookArgs } from "@pulumi/pulumi";
import { versionAnnotation } from "../../../infra/names";
import { Admission } from "../../../rotation/gates/admission";
import { gateHooks } from "../../../rotation/gates/hooks";
import { Run } from "../../../rotation/gates/run";
import { silent } from "../../../rotation/observer";
import type { PlannedSecret } from "../../../rotation/plan/plannedSecret";

const hook = { newInputs: { metadata: { annotations: { [versionAnnotation]: "v2" } } } } as unknown as ResourceHookArgs;

/** Secrets whose gate asks AWS once, and waits for the answer. */
function gatesOf(...names: string[]) {
  const answers = new Map<string, () => void>();
  const describe = (name: string) =>
    new Promise((resolve) => answers.set(name, () => resolve({ stages: { v2: ["AWSCURRENT"] } })));
  const plans = names.map(
    (name) =>
      ({
        mode: "follow",
        context: { secret: { name }, fullName: name, ports: { secretsManager: { describe } } },
      }) as unknown,
  );
  const run = new Run(plans as PlannedSecret[]);
  const begun: string[] = [];
  const observer = { ...silent, stepStarted: (name: string, step: string) => void begun.push(`${step} ${name}`) };
  const groups = names.map((name) => [name]);
  const admission = new Admission(groups, { atOnce: 1, holdSeconds: 60, asked: new AbortController().signal });
  run.whenFailed = (name) => admission.fail(name);
  return { run, begun, answers, gates: gateHooks(run, observer, async () => undefined, admission) };
}

describe("gates of an update that has ended", () => {
  it("begin nothing any more, and what one has begun is waited for", async () => {
    const { run, begun, answers, gates } = gatesOf("first", "second");
    const [first, second] = ["first", "second"].map((name) => gates.prove(name, hook).catch((error: Error) => error));
    await nextTurn();
    assert.deepEqual(begun, ["finish first"]);
    let hasEnded = false;
    const ended = gates.end().then(() => {
      hasEnded = true;
    });
    await nextTurn();
    assert.equal(hasEnded, false);
    answers.get("first")?.();
    await ended;
    assert.equal(await first, undefined);
    // What the driver does with secrets of an update that has failed lets the next one in.
    run.fail("first", new Error("the engine was killed") as never);
    assert.match(String(await second), /the update has ended/);
    assert.deepEqual(begun, ["finish first"]);
    assert.equal(run.entries.get("second")?.error, undefined);
    await assert.rejects(gates.write("second"), /the update has ended/);
    await assert.rejects(gates.synced(["second"], hook), /the update has ended/);
  });
});
