import { externalSecretsPart } from "../parts/externalSecrets";
import { kubeletPart } from "../parts/kubelet";
import {
  apiServerPart,
  type ControlPlane,
  controllerManagerPart,
  etcdPart,
  prepareControlPlane,
} from "../parts/kubernetes";
import { debugProviders, providersPart } from "../parts/providers";
import { freePort } from "../process/freePort";
import { kubeConfig, seedCustomResources, seedNamespace } from "../seeds/kubernetes";
import { randomPassword, type Startup, start, together } from "./startup";

type Environment = Readonly<Record<string, string>>;

/**
 * Everything that belongs to Kubernetes, and what stands in for Pulumi's aws provider.
 * @returns what PULUMI_DEBUG_PROVIDERS has to be; undefined if the real plugin is used
 */
export async function startKubernetes(startup: Startup, aws: Environment): Promise<string | undefined> {
  const { paths, tools } = startup;
  const plane: ControlPlane = {
    paths,
    binaries: tools.kubernetes,
    token: randomPassword(),
    etcdPort: await freePort(),
    etcdPeerPort: await freePort(),
    apiPort: await freePort(),
  };
  prepareControlPlane(plane);
  const [providers] = await together(startup, [
    // The first two load while the API server starts, and wait for it by themselves.
    startProviders(startup, aws),
    start(startup, kubeletPart(paths, kubeletEnvironment())),
    startControlPlane(startup, plane, aws),
  ]);
  return providers;
}

async function startControlPlane(startup: Startup, plane: ControlPlane, aws: Environment): Promise<void> {
  await start(startup, etcdPart(plane));
  await start(startup, apiServerPart(plane));
  const config = kubeConfig(startup.paths.kubeconfig);
  await together(startup, [
    seedNamespace(config),
    startOperator(startup, config, aws),
    start(startup, controllerManagerPart(plane, await freePort())),
  ]);
}

async function startOperator(startup: Startup, config: ReturnType<typeof kubeConfig>, aws: Environment): Promise<void> {
  const { paths, tools } = startup;
  await seedCustomResources(config, tools.externalSecretsDefinitions);
  await start(startup, externalSecretsPart(tools.externalSecrets, paths, aws, await freePort()));
}

async function startProviders(startup: Startup, aws: Environment): Promise<string | undefined> {
  if (startup.tools.plugins.some(({ name }) => name === "aws")) return undefined;
  await start(startup, providersPart(aws));
  return debugProviders(startup.paths);
}

/** The settings of the kubelet that whoever starts the sandbox may give. */
function kubeletEnvironment(): Record<string, string> {
  const { KUBELET_REFRESH_DELAY_MS: delay } = process.env;
  return delay === undefined ? {} : { KUBELET_REFRESH_DELAY_MS: delay };
}
