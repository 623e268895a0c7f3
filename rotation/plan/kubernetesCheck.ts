import { namespacesOf } from "../../infra/config/rules";
import type { ConsumerDeclaration, SecretDeclaration } from "../../infra/config/secretSchema";
import { externalSecretObject, workloadPatchObject } from "../../infra/kubernetesObjects";
import { neverSynced, restartAnnotation, versionAnnotation, workloadName, workloadTitle } from "../../infra/names";
import { patched } from "../../infra/urns";
import type { KubernetesRun } from "./asked";
import { operated } from "./operated";
import type { Outcome } from "./outcome";
import { tryApply } from "./tryApply";

/** An id that no version has: a value that an object had already would conflict with nobody. */
const dryRunVersion = "00000000-0000-4000-8000-000000000000";

/** Before the provider has given itself a name. */
const noManager = "pulumi-kubernetes-dry-run";

/**
 * Does what the run will do to a secret's objects in Kubernetes, as far as that changes nothing.
 *
 * @param hasValue  whether there is a current version that External Secrets can have read
 * @param reloaded  by name: the consumers that the run does not restart
 */
export async function kubernetesCheck(
  secret: SecretDeclaration,
  run: KubernetesRun,
  { hasValue, reloaded }: { readonly hasValue: boolean; readonly reloaded: ReadonlyMap<string, string> },
): Promise<Outcome[]> {
  const outcomes = await Promise.all([
    ...namespacesOf(secret).map((namespace) => externalSecretIn(namespace, secret, run, hasValue)),
    ...patched(secret, reloaded).map((consumer) => restartOf(consumer, secret, run)),
  ]);
  return outcomes.flat();
}

async function externalSecretIn(
  namespace: string,
  secret: SecretDeclaration,
  run: KubernetesRun,
  hasValue: boolean,
): Promise<Outcome[]> {
  const { config, recorded, ports } = run;
  const name = secret.externalSecret?.target ?? "";
  const objects = recorded.get(secret.name)?.objects;
  const at = { group: "external-secrets.io", version: "v1", plural: "externalsecrets", namespace, name } as const;
  const state = await operated(namespace, secret, run, hasValue);
  // Without it the dry run would try to make it.
  const tried = state.isThere
    ? [
        await tryApply(ports.kubernetes, {
          at,
          object: externalSecretObject(namespace, secret, config, dryRunVersion),
          fieldManager: objects?.fieldManagerIn(namespace) ?? noManager,
          title: `ExternalSecret ${namespace}/${name}`,
          isApplied: ({ metadata }) => metadata?.annotations?.[versionAnnotation] === dryRunVersion,
        }),
      ]
    : [];
  const version = objects?.versionIn(namespace);
  return [...state.outcomes, ...tried].map((outcome) => unless(version, outcome));
}

/** Of several secrets of the run one patch restarts the workload. */
async function restartOf(
  consumer: ConsumerDeclaration,
  secret: SecretDeclaration,
  run: KubernetesRun,
): Promise<Outcome[]> {
  const { asked, recorded } = run;
  const outcome = await asked.once(`restart ${workloadName(consumer)}`, () => tryRestart(consumer, run));
  return [unless(recorded.get(secret.name)?.objects.restartOf(consumer), outcome)];
}

function tryRestart(consumer: ConsumerDeclaration, run: KubernetesRun): Promise<Outcome> {
  const { namespace, name, api } = consumer;
  const annotations = templateAnnotations(consumer, run);
  return tryApply(run.ports.kubernetes, {
    at: { ...api, namespace, name },
    object: workloadPatchObject(consumer, annotations),
    fieldManager: managerOf(consumer, run) ?? noManager,
    title: workloadTitle(consumer),
    isApplied: ({ spec }) => {
      const found = spec?.template?.metadata?.annotations ?? {};
      return Object.entries(annotations).every(([key, version]) => found[key] === version);
    },
  });
}

function managerOf(consumer: ConsumerDeclaration, { recorded }: KubernetesRun): string | undefined {
  return [...recorded.values()].map(({ objects }) => objects.fieldManagerOf(consumer)).find(Boolean);
}

/** As the program makes them (infra/consumer.ts): new for the secrets of the run, as recorded for the others. */
function templateAnnotations(consumer: ConsumerDeclaration, { config, rotating, recorded }: KubernetesRun) {
  const takes = ({ consumers }: SecretDeclaration) =>
    consumers.some((one) => workloadName(one) === workloadName(consumer));
  const versions = config.secrets.filter(takes).flatMap(({ name }): [string, string][] => {
    const known = recorded.get(name);
    if (rotating.has(name)) return [[restartAnnotation(config.environment, name), dryRunVersion]];
    if (known?.version === undefined) return [];
    const { objects } = known;
    const version = objects.restartOf(consumer) ?? objects.versionIn(consumer.namespace) ?? neverSynced;
    return [[restartAnnotation(config.environment, name), version]];
  });
  // The ones that rotate first.
  return Object.fromEntries(versions.sort(([, a], [, b]) => Number(b === dryRunVersion) - Number(a === dryRunVersion)));
}

/** A rotation that goes on with the version that an object has already does not touch it again. */
function unless(version: string | undefined, outcome: Outcome): Outcome {
  return "refuse" in outcome ? { ...outcome, unlessVersion: version } : outcome;
}
