import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxPaths } from "../paths";
import { writeAtomically } from "../process/atomicFile";
import type { Part } from "../process/parts";
import { answers, tlsStatus } from "./http";

export interface ControlPlane {
  readonly paths: SandboxPaths;
  /** The folder of the binaries. */
  readonly binaries: string;
  readonly token: string;
  readonly etcdPort: number;
  readonly etcdPeerPort: number;
  readonly apiPort: number;
}

const controllers = [
  "daemonset-controller",
  "deployment-controller",
  "garbage-collector-controller",
  "job-controller",
  "namespace-controller",
  "replicaset-controller",
  "serviceaccount-controller",
  "statefulset-controller",
];

const certificates = (paths: SandboxPaths) => join(paths.kubernetes, "certificates");
const caFile = (paths: SandboxPaths) => join(certificates(paths), "apiserver.crt");

/** Writes the keys, tokens and the kubeconfig that the control plane's parts need. */
export function prepareControlPlane({ paths, token, apiPort }: ControlPlane): void {
  mkdirSync(certificates(paths), { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const write = (name: string, text: string) => writeFileSync(join(paths.kubernetes, name), text, { mode: 0o600 });
  write("serviceAccount.key", privateKey.export({ type: "sec1", format: "pem" }).toString());
  write("serviceAccount.pub", publicKey.export({ type: "spki", format: "pem" }).toString());
  write("tokens.csv", `${token},admin,admin,"system:masters"\n`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "sandbox",
        cluster: {
          server: `https://127.0.0.1:${apiPort}`,
          "certificate-authority": caFile(paths),
          "disable-compression": true,
        },
      },
    ],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "sandbox", context: { cluster: "sandbox", user: "admin", namespace: "shop" } }],
    "current-context": "sandbox",
  };
  writeAtomically(paths.kubeconfig, `${JSON.stringify(config, undefined, 2)}\n`); // JSON is YAML
}

export function etcdPart({ binaries, paths, etcdPort, etcdPeerPort }: ControlPlane): Part {
  const url = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${etcdPeerPort}`;
  return {
    name: "etcd",
    command: join(binaries, "etcd"),
    args: [
      ...["--name=sandbox", `--data-dir=${paths.etcd}`, "--unsafe-no-fsync", "--log-level=warn"],
      ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=sandbox=${peer}`],
    ],
    endBy: "SIGKILL",
    ready: () => answers(`${url}/health`),
  };
}

export function apiServerPart({ binaries, paths, token, etcdPort, apiPort }: ControlPlane): Part {
  const key = (name: string) => join(paths.kubernetes, name);
  return {
    name: "kube-apiserver",
    command: join(binaries, "kube-apiserver"),
    args: [
      ...[`--etcd-servers=http://127.0.0.1:${etcdPort}`, "--bind-address=127.0.0.1", `--secure-port=${apiPort}`],
      ...["--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none", `--cert-dir=${certificates(paths)}`],
      ...["--service-account-issuer=https://kubernetes.default.svc", "--api-audiences=https://kubernetes.default.svc"],
      ...[`--service-account-key-file=${key("serviceAccount.pub")}`],
      ...[`--service-account-signing-key-file=${key("serviceAccount.key")}`, `--token-auth-file=${key("tokens.csv")}`],
      ...["--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24"],
    ],
    endBy: "SIGKILL", // it would wait for its clients to leave
    ready: async () => (await tlsStatus(`https://127.0.0.1:${apiPort}/readyz`, token, caFile(paths))) === 200,
  };
}

export function controllerManagerPart({ binaries, paths }: ControlPlane, port: number): Part {
  return {
    name: "kube-controller-manager",
    command: join(binaries, "kube-controller-manager"),
    args: [
      ...[`--kubeconfig=${paths.kubeconfig}`, "--leader-elect=false", "--bind-address=127.0.0.1"],
      ...[`--secure-port=${port}`, `--cert-dir=${join(paths.kubernetes, "controllerManager")}`],
      ...[`--controllers=${controllers.join(",")}`, "--use-service-account-credentials=false"],
      ...[`--service-account-private-key-file=${join(paths.kubernetes, "serviceAccount.key")}`],
      ...["--kube-api-qps=200", "--kube-api-burst=400"],
    ],
    ready: async () => {
      const ca = join(paths.kubernetes, "controllerManager", "kube-controller-manager.crt");
      return (await tlsStatus(`https://127.0.0.1:${port}/healthz`, "", ca)) === 200;
    },
  };
}
