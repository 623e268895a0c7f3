import type * as accessModule from "./access/provideAccess";
import { accountOf } from "./account";
import { Alarms } from "./alarms";
import { BackupBucket } from "./backupBucket";
import type { ConsumerDeclaration, SecretDeclaration } from "./config/secretSchema";
import type { StackConfig } from "./config/stackConfig";
import { Consumer, type TakenSecret } from "./consumer";
import { KeptValues } from "./keptValues";
import { knownBeforeUp } from "./known";
import { ManagedSecret } from "./managedSecret";
import { externalSecretName, fullName, workloadName } from "./names";
import type * as operatorsModule from "./operators";
import { type Rotation, restarts } from "./rotation";
import { type Forerunners, secretStores } from "./secretStores";
import type { SecretOutput, StackOutputs } from "./stackOutputs";
import { patched } from "./urns";

/**
 * Declares the stack, or the part of it that a rotation is about: every secret, its way into Kubernetes, and the restart of
 * what takes it.
 */
export async function program(config: StackConfig, rotation: Rotation): Promise<StackOutputs> {
  const known = rotation.known ?? (await knownBeforeUp(config));
  const isWritten = (name: string) => rotation.rotating.has(name) && rotation.rotating.get(name)?.adopted === undefined;
  const isVersioned = ({ name }: SecretDeclaration) => known.versioned.has(name) || isWritten(name);
  const { part } = rotation;
  const secrets = part ? config.secrets.filter(({ name }) => part.secrets.has(name)) : config.secrets;
  const alarms = part ? undefined : config.alarms;
  if (alarms && secrets.length > 0) new Alarms(alarms, config, await accountOf(config));
  if (config.backup?.provision && !part) new BackupBucket(config.backup, config.environment);
  const stores = secretStores({ ...config, secrets }, rotation.known ? none : await forerunners(config));
  const taken = secrets.map((declaration) => {
    const { environment } = config;
    const isValued = isVersioned(declaration) || known.valued.has(declaration.name);
    const kept = isValued && !config.mayDelete.includes(fullName(environment, declaration.name));
    const [versioned, byAws] = [isVersioned(declaration), known.rotations.has(declaration.name)];
    const args = { declaration, config, stores, rotation, versioned, byAws, kept };
    return { declaration, kept, managed: new ManagedSecret(args) };
  });
  const consumers: Consumer[] = [];
  // A patch restarts its workload, so only a rotation of one of its secrets may bring it in.
  for (const [workload, secrets] of workloadsOf(taken)) {
    const isRestart = ({ name }: SecretDeclaration) => restarts(rotation, name, workloadName(workload));
    const isRotating = secrets.some(({ declaration }) => isRestart(declaration));
    const there = known.workloads.get(workloadName(workload));
    // An annotation that comes or goes restarts the workload: only those of rotating secrets come, and none goes.
    const isThere = ({ name }: SecretDeclaration) =>
      there ? there.has(name) : known.versioned.has(name) && !rotation.rotating.has(name);
    const isTold = ({ name }: SecretDeclaration) =>
      known.externalSecrets?.has(externalSecretName(workload.namespace, name)) ?? true;
    const annotated = secrets.filter(
      ({ declaration }) => isRestart(declaration) || (isThere(declaration) && isTold(declaration)),
    );
    // Of the other workloads not all secrets are declared.
    const isDeclared = part?.workloads.has(workloadName(workload)) ?? true;
    if (isRotating || (there && isDeclared))
      consumers.push(new Consumer(workload, annotated, config.environment, rotation));
  }
  const externalSecrets = taken.flatMap(({ managed }) => [...managed.externalSecrets.values()]);
  // A rotation does not target it, so that the state keeps it as it is.
  const isKept = taken.some(({ kept }) => kept);
  const ways = [...externalSecrets, ...consumers];
  // Of a secret that comes into no cluster: without something before it the engine takes what the state's one depends on for
  // declared, and refuses the provider of the Secret as declared twice.
  if (!part || ways.length > 0) new KeptValues(ways, isKept);
  return {
    secrets: { ...part?.others, ...Object.fromEntries(taken.map((s) => [s.declaration.name, outputOf(s)])) },
    workloads: [...known.workloads.keys()].sort(),
  };
}

const none: Forerunners = { externalSecrets: undefined, serviceAccounts: new Map() };

/**
 * The roles, and what is installed in the cluster. A rotation's update targets none of it, and whoever rotates may not look at
 * roles: the state keeps them.
 */
async function forerunners(config: StackConfig): Promise<Forerunners> {
  const { access, operators } = config;
  const roles =
    access && (await (require("./access/provideAccess") as typeof accessModule).provideAccess(config, access));
  const externalSecrets =
    operators && (require("./operators") as typeof operatorsModule).operators(config, roles?.operatorRole);
  return { externalSecrets, serviceAccounts: roles?.serviceAccounts ?? none.serviceAccounts };
}

function workloadsOf(taken: readonly TakenSecret[]): [ConsumerDeclaration, TakenSecret[]][] {
  const byName = new Map<string, [ConsumerDeclaration, TakenSecret[]]>();
  for (const secret of taken) {
    for (const consumer of patched(secret.declaration)) {
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
