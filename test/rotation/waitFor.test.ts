import assert from "node:assert/strict";
import { KubernetesError } from "../../rotation/kubernetesError";
import { waitFor } from "../../rotation/waitFor";

/** Yields or throws one after the other, the last one for ever. */
function looks(...answers: (string | Error | undefined)[]) {
  return async () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

describe("waiting for a condition", () => {
  const unanswered = new KubernetesError("the API server is not reached: ECONNRESET", undefined);

  it("goes on while the API server does not answer, is in trouble or asks for patience", async () => {
    const trouble = [429, 500, 503].map((status) => new KubernetesError("", status));
    assert.equal(await waitFor(looks(unanswered, ...trouble, undefined, "found"), { timeoutSeconds: 10 }), "found");
  });

  it("says that there was no answer when the time is over", async () => {
    await assert.rejects(waitFor(looks(undefined, unanswered), { timeoutSeconds: 0.1 }), unanswered);
    assert.equal(await waitFor(looks(unanswered, undefined), { timeoutSeconds: 0.1 }), undefined);
  });

  it("ends at once with any other error", async () => {
    for (const error of [new KubernetesError("forbidden", 403), new Error("no JSON")]) {
      await assert.rejects(waitFor(looks(error, "found"), { timeoutSeconds: 10 }), error);
    }
  });
});
