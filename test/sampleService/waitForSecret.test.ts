import assert from "node:assert/strict";
import { CoreV1Api, type V1Pod } from "@kubernetes/client-node";
import { waitFor } from "../sandbox/process/waitFor";
import { kubeConfig } from "../sandbox/seeds/kubernetes";
import { sharedSandbox } from "../sandbox/shared";
import { serverPod, show } from "../sandbox/testing/workload";
import { waitForSecret } from "./waitForSecret";

const namespace = "wait-for-secret";
const mountPath = "/etc/secrets/orders-db";

it("a service whose Secret is optional starts with it: an init container waits for the file", async function () {
  this.timeout(60_000);
  const { env } = await sharedSandbox();
  const core = kubeConfig(env.KUBECONFIG ?? "").makeApiClient(CoreV1Api);
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const account = () => core.readNamespacedServiceAccount({ namespace, name: "default" });
  await waitFor("the service account", account, { timeoutMs: 15_000 });
  const podWhen = (what: string, holds: (pod: V1Pod) => boolean | undefined) =>
    waitFor(
      `the pod ${what}`,
      async () => {
        const pod = await core.readNamespacedPod({ namespace, name: "web" });
        return holds(pod) ? pod : undefined;
      },
      { timeoutMs: 15_000 },
    );
  const volumeMounts = [{ name: "orders-db", mountPath, readOnly: true }];
  const shown = [{ name: "SHOWN_FILE", value: `$(POD_ROOT)${mountPath}/password` }];
  const volumes = [{ name: "orders-db", secret: { secretName: "orders-db", optional: true } }];
  const spec = serverPod({ env: shown, volumeMounts }, { volumes });
  spec.initContainers = [waitForSecret(`${mountPath}/password`, { name: "orders-db", mountPath, readOnly: true })];
  await core.createNamespacedPod({ namespace, body: { metadata: { name: "web" }, spec } });
  const waiting = await podWhen("to wait", ({ status }) => !!status?.initContainerStatuses?.[0]?.state?.running);
  assert.equal(waiting.status?.containerStatuses?.[0]?.state?.waiting?.reason, "PodInitializing");
  const metadata = { name: "orders-db" };
  await core.createNamespacedSecret({ namespace, body: { metadata, stringData: { password: "of the rotation" } } });
  const { status } = await podWhen("to be ready", ({ status }) => status?.containerStatuses?.[0]?.ready);
  assert.equal((await show(status?.podIP)).file, "of the rotation");
});
