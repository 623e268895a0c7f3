import assert from "node:assert/strict";
import type { V1ObjectMeta, V1Pod } from "@kubernetes/client-node";
import { service } from "../manifests";
import { readyEndpoints } from "./endpoints";

const labels = service("shop-files").spec?.selector ?? {};

function pod(podIP: string, ready: boolean, metadata: V1ObjectMeta = {}): V1Pod {
  return {
    metadata: { labels, ...metadata },
    spec: { containers: [{ name: "service", ports: [{ name: "http", containerPort: 8080 }] }] },
    status: { podIP, conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

describe("readyEndpoints", () => {
  it("takes pods that are ready and not on the way out", () => {
    const pods = [
      pod("127.0.0.2", true),
      pod("127.0.0.3", false),
      pod("127.0.0.4", true, { deletionTimestamp: new Date() }),
      { ...pod("127.0.0.5", true), status: { podIP: "127.0.0.5" } },
    ];
    assert.deepEqual(readyEndpoints(service("shop-files"), pods), [{ address: "127.0.0.2", port: 8080 }]);
  });

  it("takes the pods that the Service selects", () => {
    const other = pod("127.0.0.3", true, { labels: service("shop-env").spec?.selector ?? {} });
    const endpoints = readyEndpoints(service("shop-files"), [pod("127.0.0.2", true), other]);
    assert.deepEqual(
      endpoints.map(({ address }) => address),
      ["127.0.0.2"],
    );
  });

  it("takes a port by number, and no pod without the port of that name", () => {
    const numbered = { spec: { selector: labels, ports: [{ port: 80, targetPort: 9090 }] } };
    assert.deepEqual(readyEndpoints(numbered, [pod("127.0.0.2", true)]), [{ address: "127.0.0.2", port: 9090 }]);
    const unknown = { spec: { selector: labels, ports: [{ port: 80, targetPort: "metrics" }] } };
    assert.deepEqual(readyEndpoints(unknown, [pod("127.0.0.2", true)]), []);
  });
});
