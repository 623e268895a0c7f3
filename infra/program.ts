import type * as access from "./access/provideAccess";
import { accountOf } from "./account";
import { Alarms } from "./alarms";
import { BackupBucket } from "./backupBucket";
import { namespacesOf } from "./config/rules";
import type { ConsumerDeclaration, SecretDeclaration } from "./config/secretSchema";
import type { StackConfig } from "./config/stackConfig";
import { Consumer, type TakenSecret } from "./consumer";
import { KeptValues } from "./keptValues";
import { knownBeforeUp } from "./known";
import { ManagedSecret } from "./managedSecret";
import { externalSecretName, fullName, workloadName } from "./names";
import type { Rotation } from "./rotation";
import { secretStore } from "./secretStore";
import type { SecretOutput, StackOutputs } from "./stackOutputs";

/** Declares the whole stack: every secret, its way into Kubernetes, and the restart of what takes it. */
export async function program(config: StackConfig, rotation: Rotation): Promise<StackOutputs> {
  const known = rotation.known ?? (await knownBeforeUp(config));
  const isVersioned = ({ name }: SecretDeclaration) => known.versioned.has(name) || rotation.rotating.has(name);
  if (config.alarms && config.secrets.length > 0) new Alarms(config.alarms, config, await accountOf(config));
  if (config.backup?.provision) new BackupBucket(config.backup, config.environment);
  // A rotation's update targets none of it, and whoever rotates may not look at roles: the state keeps them.
  if (config.access && !rotation.known) {
    const { provideAccess } = require("./access/provideAccess") as typeof access;
    await provideAccess(config, config.access);
  }
  const namespaces = new Set(config.secrets.flatMap(namespacesOf));
  const stores = new Map([...namespaces].map((ns) => [ns, secretStore(ns, config)]));
  const taken = config.secrets.map((declaration) => {
    const { environment } = config;
    const isValued = isVersioned(declaration) || known.valued.has(declaration.name);
    const kept = isValued && !config.mayDelete.includes(fullName(environment, declaration.name));
    const args = { declaration, config, stores, rotation, versioned: isVersioned(declaration), kept };
    return { declaration, kept, managed: new ManagedSecret(args) };
  });
  const consumers: Consumer[] = [];
  // A patch restarts its workload, so only a rotation of one of its secrets may bring it in.
  for (const [workload, secrets] of workloadsOf(taken)) {
    const isRotating = secrets.some(({ declaration }) => rotation.rotating.has(declaration.name));
    const there = known.workloads.get(workloadName(workload));
    // An annotation that comes or goes restarts the workload: only those of rotating secrets come, and none goes.
    const isThere = ({ name }: SecretDeclaration) => (there ? there.has(name) : known.versioned.has(name));
    const isTold = ({ name }: SecretDeclaration) =>
      known.externalSecrets?.has(externalSecretName(workload.namespace, name)) ?? true;
    const annotated = secrets.filter(
      ({ declaration }) => rotation.rotating.has(declaration.name) || (isThere(declaration) && isTold(declaration)),
    );
    if (isRotating || there) consumers.push(new Consumer(workload, annotated, config.environment, rotation));
  }
  const externalSecrets = taken.flatMap(({ managed }) => [...managed.externalSecrets.values()]);
  // A rotation does not target it, so that the state keeps it as it is.
  const isKept = taken.some(({ kept }) => kept);
  new KeptValues([...externalSecrets, ...consumers], isKept);
  return {
    secrets: Object.fromEntries(taken.map((s) => [s.declaration.name, outputOf(s)])),
    workloads: [...known.workloads.keys()].sort(),
  };
}

function workloadsOf(taken: readonly TakenSecret[]): [ConsumerDeclaration, TakenSecret[]][] {
  const byName = new Map<string, [ConsumerDeclaration, TakenSecret[]]>();
  for (const secret of taken) {
    for (const consumer of secret.declaration.consumers) {
      const entry = byName.get(workloadName(consumer));
      if (entry) entry[1].push(secret);
      else byName.set(workloadName(consumer), [consumer, [secret]]);
    }
  }
  return [...byName.values()];
}

/**
 * They depend on no gate, so they are recorded as soon as the versions are written: a rotation that is killed later
 * has told the next `pulumi up` already that the SecretVersion belongs to the stack.
 */
function outputOf({ managed }: TakenSecret): SecretOutput {
  const { secret, version } = managed;
  return {
    arn: secret.arn,
    ...(version && { version: version.secretStringWoVersion, versionId: version.versionId }),
  };
}
