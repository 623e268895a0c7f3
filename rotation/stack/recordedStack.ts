import { z } from "zod";
import { namespacesOf } from "../../infra/config/rules";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import type { Known } from "../../infra/known";
import { externalSecretName, restartAnnotation, tags, versionAnnotation, workloadName } from "../../infra/names";
import {
  consumerUrn,
  externalSecretUrn,
  nameIn,
  patched,
  type Reloaded,
  secretRotationUrn,
  secretUrn,
  secretVersionUrn,
  urnsOf,
} from "../../infra/urns";
import { livingIn, pendingIn } from "./pendingCreations";
import { type RecordedObjects, recordedObjects } from "./recordedObjects";

/** What the stack's state holds of one secret; it may be half-way through a rotation. */
export interface RecordedSecret {
  /** `pulumi up` has made the Secret and its ExternalSecrets. */
  readonly provisioned: boolean;
  /** Of the recorded Secret; undefined: the stack has none. */
  readonly arn: string | undefined;
  /** Of the recorded SecretVersion; undefined: the stack has none. */
  readonly version: { readonly counter: number; readonly id: string } | undefined;
  /** Whether the stack has set how AWS rotates it. */
  readonly rotation: boolean;
  /** Version id that the recorded tags stamp as rotated through all gates. */
  readonly stampedVersion: string | undefined;
  /** Whether the recorded tags say that an older credential is to be retired. */
  readonly retirePending: boolean;
  /** Names of resources that hang on it in the stack, and that the configuration has no more: `pulumi up` removes them. */
  readonly unreleased: readonly string[];
  /** Those of its consumers that have a patch. */
  readonly workloads: readonly string[];
  /** Those of them whose patch has its annotation. */
  readonly annotated: readonly string[];
  /** An engine that was killed has left the creation of one of its resources as under way. */
  readonly pending: boolean;
  /** It was killed between the halves of a replacement: the state has to be mended before any update. */
  readonly cutOff: boolean;
  /** Its objects in Kubernetes. */
  readonly objects: RecordedObjects;
  /** An ExternalSecret has this version id: the gate before it has passed, which ends with AWSCURRENT on this version. */
  readonly told: (versionId: string) => boolean;
  /** Every ExternalSecret and every consumer's patch has this version id, but those of consumers that Reloader restarts. */
  readonly reached: (versionId: string, reloaded: Reloaded) => boolean;
}
/** By the secret's name. */
export type RecordedStack = ReadonlyMap<string, RecordedSecret>;

const stateSchema = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          delete: z.boolean().optional(),
          inputs: z.record(z.string(), z.unknown()).default({}),
          outputs: z.record(z.string(), z.unknown()).default({}),
        }),
      )
      .nullish(),
  }),
});
type Resource = NonNullable<z.output<typeof stateSchema>["deployment"]["resources"]>[number];
type Lookup = (urn: string) => Resource | undefined;

/** @param exported  what `pulumi stack export` prints */
export function parseState(stack: string, exported: unknown, config: StackConfig): RecordedStack {
  const resources = stateSchema.parse(exported).deployment.resources ?? [];
  const pending = pendingIn(exported);
  // A replaced version whose removal was interrupted stays in the state, marked for deletion.
  const own = config.secrets.flatMap((secret) => urnsOf(stack, secret));
  const { living, cutOff } = livingIn(resources, own);
  const find: Lookup = (urn) => living.get(urn);
  const left = leftOver(config, [...living.values()]);
  return new Map(
    config.secrets.map((secret) => {
      const isPending = urnsOf(stack, secret).some((urn) => pending.has(urn));
      return [
        secret.name,
        {
          ...recordedSecret({ stack, environment: config.environment }, secret, find),
          unreleased: [
            ...left(secret),
            ...(find(secretRotationUrn(stack, secret.name)) && !secret.native
              ? [`AWS's rotation of ${secret.name}`]
              : []),
          ],
          pending: isPending,
          cutOff: urnsOf(stack, secret).some((urn) => cutOff.has(urn)),
        },
      ];
    }),
  );
}

/** ExternalSecrets and patches in the state that nothing declares, by the secret that they are for. */
function leftOver({ stack, environment, secrets }: StackConfig, resources: readonly Resource[]) {
  const declared = new Set(
    secrets.flatMap((secret) => [
      ...namespacesOf(secret).map((namespace) => externalSecretUrn(stack, namespace, secret.name)),
      ...patched(secret).map((consumer) => consumerUrn(stack, consumer)),
    ]),
  );
  const undeclared = resources.filter(({ urn }) => /ExternalSecret::|Patch::/.test(urn) && !declared.has(urn));
  return ({ name }: SecretDeclaration) =>
    undeclared
      .filter(({ urn, inputs }) => {
        const annotations = at(inputs, "spec", "template", "metadata", "annotations") ?? {};
        // The namespace is before the first slash; a secret's name may have more of them.
        const [, ofSecret] = /::[^:/]*\/([^:]*)$/.exec(urn) ?? [];
        return urn.includes("Patch::")
          ? restartAnnotation(environment, name) in (annotations as object)
          : ofSecret === name;
      })
      .map(({ urn }) => nameIn(urn));
}

function recordedSecret(
  names: Pick<StackConfig, "stack" | "environment">,
  secret: SecretDeclaration,
  find: Lookup,
): Omit<RecordedSecret, "unreleased" | "pending" | "cutOff"> {
  const { stack, environment } = names;
  const recorded = find(secretVersionUrn(stack, secret.name));
  const externalSecrets = namespacesOf(secret).map((ns) => find(externalSecretUrn(stack, ns, secret.name)));
  const told = externalSecrets.map((found) => at(found?.inputs, "metadata", "annotations", versionAnnotation));
  const patches = patched(secret).map((consumer) => {
    const inputs = find(consumerUrn(stack, consumer))?.inputs;
    const version = at(
      inputs,
      "spec",
      "template",
      "metadata",
      "annotations",
      restartAnnotation(environment, secret.name),
    );
    return { workload: workloadName(consumer), isThere: inputs !== undefined, version };
  });
  const resource = find(secretUrn(stack, secret.name));
  const [stamp, arn] = [at(resource?.inputs, "tags", tags.rotatedVersion), resource?.outputs.arn];
  return {
    provisioned: resource !== undefined && externalSecrets.every((found) => found !== undefined),
    arn: typeof arn === "string" ? arn : undefined,
    version: recorded && {
      counter: Number(recorded.inputs.secretStringWoVersion),
      id: String(recorded.outputs.versionId),
    },
    rotation: find(secretRotationUrn(stack, secret.name)) !== undefined,
    stampedVersion: typeof stamp === "string" ? stamp : undefined,
    retirePending: at(resource?.inputs, "tags", tags.retirePending) === "true",
    workloads: patches.filter(({ isThere }) => isThere).map(({ workload }) => workload),
    annotated: patches.filter(({ version }) => version !== undefined).map(({ workload }) => workload),
    objects: recordedObjects(names, secret, find),
    told: (versionId) => told.includes(versionId),
    reached: (versionId, reloaded) =>
      [...told, ...patches.filter(({ workload }) => !reloaded.has(workload)).map(({ version }) => version)].every(
        (annotation) => annotation === versionId,
      ),
  };
}

/** What of the program's resources is there by rotations: its frozen secrets are declared with it. */
export function knownIn(recorded: RecordedStack): Known {
  const versioned = new Set([...recorded].flatMap(([name, { version }]) => (version ? [name] : [])));
  const externalSecrets = [...recorded].flatMap(([name, { objects }]) =>
    objects.namespaces.map((namespace) => externalSecretName(namespace, name)),
  );
  return {
    versioned,
    rotations: new Set([...recorded].flatMap(([name, { rotation }]) => (rotation ? [name] : []))),
    valued: versioned,
    externalSecrets: new Set(externalSecrets),
    workloads: annotatedBy(recorded),
  };
}

function annotatedBy(recorded: RecordedStack): Known["workloads"] {
  const names = (workload: string) =>
    [...recorded].flatMap(([name, { annotated }]) => (annotated.includes(workload) ? [name] : []));
  const workloads = new Set([...recorded.values()].flatMap((secret) => secret.workloads));
  return new Map([...workloads].map((workload) => [workload, new Set(names(workload))]));
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
