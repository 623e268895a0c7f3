import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Run } from "../../../rotation/gates/run";
import { Interruption } from "../../../rotation/interruption";
import type { PlannedSecret } from "../../../rotation/plan/plannedSecret";
import { simple } from "../../../rotation/rotators/app/simple";
import { admissionOf } from "../../../rotation/run/admissionOf";
import { context } from "../context";

/** By name: the workload, undefined where only AWS takes the secret. */
function entriesOf(workloadOf: Readonly<Record<string, string | undefined>>, emergency = false) {
  const plans = Object.entries(workloadOf).map(([name, workload]) => {
    const consumers = workload === undefined ? [] : [{ namespace: "shop", name: workload, takes: "env" }];
    return { context: { ...context({ name, consumers }), emergency }, strategy: simple } as PlannedSecret;
  });
  const urnsOf = ({ secret }: PlannedSecret["context"]) =>
    secret.consumers.length > 0 ? [`urn of ${secret.name}`] : [];
  return [...new Run(plans, urnsOf).entries.values()];
}

describe("who of an update is under way at once", () => {
  const options = { atOnce: 2, interruption: new Interruption() };

  it("are all where there are few, and all in an emergency", () => {
    assert.equal(admissionOf(entriesOf({ a: "web", b: "web" }), options), undefined);
    assert.equal(admissionOf(entriesOf({ a: "web", b: "web", c: "api" }, true), options), undefined);
  });

  it("are those of one workload, then those of the next; one that Kubernetes is told nothing of does not wait", async () => {
    const admission = admissionOf(entriesOf({ a: "web", b: "web", c: "api", remote: undefined }), options);
    assert.ok(admission);
    const admitted: string[] = [];
    for (const name of ["a", "b", "c", "remote"]) void admission.enter(name).then(() => admitted.push(name));
    await nextTurn();
    assert.deepEqual(admitted.toSorted(), ["a", "b", "remote"]);
    for (const name of ["a", "b"]) admission.leave(name);
    await nextTurn();
    assert.equal(admitted.at(-1), "c");
  });
});
