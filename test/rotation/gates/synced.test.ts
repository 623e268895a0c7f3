import assert from "node:assert/strict";
import { versionAnnotation } from "../../../infra/names";
import { synced } from "../../../rotation/gates/synced";
import type { Kubernetes, KubernetesSecret } from "../../../rotation/ports/kubernetes";
import type { SecretsManager } from "../../../rotation/ports/secretsManager";
import { context } from "../context";

describe("gate synced, where Secrets Manager still answers with what was before", function () {
  this.timeout(20_000);

  it("has External Secrets read again, each time by another nonce, until the content is there", async () => {
    const nonces: string[] = [];
    let [reads, seconds] = [0, 0];
    // The second time that it is asked to read again, AWS has the new value.
    const secret = async (): Promise<KubernetesSecret> => {
      reads += 1;
      seconds += 1;
      const data = { KEY: Buffer.from(nonces.length < 2 ? "old" : "new") };
      return {
        annotations: { [versionAnnotation]: "v2" },
        data,
        createdAt: undefined,
        contentSince: undefined,
        resourceVersion: "1",
      };
    };
    const readAgain = async (namespace: string, name: string, nonce: string) => {
      assert.deepEqual([namespace, name], ["shop", "key"]);
      nonces.push(nonce);
    };
    const ofSecret = context(
      {},
      {
        kubernetes: { secret, readAgain } as Partial<Kubernetes> as Kubernetes,
        secretsManager: { value: async () => "new" } as Partial<SecretsManager> as SecretsManager,
        clock: { now: () => new Date(seconds * 1000) },
      },
    );
    await synced(ofSecret, "v2");
    assert.equal(new Set(nonces).size, 2);
    // After 2 seconds, and 4 more; not at each look.
    assert.ok(reads >= 6, `${reads} looks`);
  });
});
