import assert from "node:assert/strict";
import type { V1PodSpec } from "@kubernetes/client-node";
import { secretsOf } from "../../../rotation/ports/podSecrets";

const read = (spec: Partial<V1PodSpec>) =>
  Object.fromEntries([...secretsOf({ containers: [], ...spec })].map(([name, ways]) => [name, [...ways].sort()]));
const container = { name: "main" };

describe("the Kubernetes Secrets that pods take", () => {
  it("as environment: one key or all, in any container", () => {
    const env = [{ name: "A", valueFrom: { secretKeyRef: { name: "one", key: "a" } } }];
    assert.deepEqual(
      read({
        containers: [{ ...container, env }],
        initContainers: [{ ...container, envFrom: [{ secretRef: { name: "two" } }] }],
      }),
      { one: ["env"], two: ["env"] },
    );
  });

  it("as files: a volume, a projected one, and by subPath, which does not follow the Secret", () => {
    const volumes = [
      { name: "a", secret: { secretName: "one" } },
      { name: "b", projected: { sources: [{ secret: { name: "two" } }, { configMap: { name: "no" } }] } },
      { name: "c", secret: { secretName: "three" } },
    ];
    const volumeMounts = [{ name: "c", mountPath: "/c", subPath: "key" }];
    assert.deepEqual(read({ containers: [{ ...container, volumeMounts }], volumes }), {
      one: ["volume"],
      two: ["volume"],
      three: ["subPath"],
    });
  });

  it("to pull images, and for the driver of a volume", () => {
    const csi = { driver: "csi.example", nodePublishSecretRef: { name: "two" } };
    assert.deepEqual(read({ imagePullSecrets: [{ name: "one" }], volumes: [{ name: "v", csi }] }), {
      one: ["pull"],
      two: ["subPath"],
    });
  });
});
