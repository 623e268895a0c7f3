import * as pulumi from "@pulumi/pulumi";
import { types } from "./names";

/** What the stack's state holds of the resources that rotations bring in. */
export interface RecordedResources {
  /** By the name of the secret. `versionId` is that of its SecretVersion; undefined: the stack has none. */
  readonly secrets: ReadonlyMap<string, { readonly arn: string; readonly versionId: string | undefined }>;
  readonly externalSecrets: readonly RecordedExternalSecret[];
  /** Names of the secrets whose rotation by AWS the stack has set. */
  readonly rotations: ReadonlySet<string>;
  /** By the name of each workload with a patch: the keys of the annotations on its pod template. */
  readonly patches: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface RecordedExternalSecret {
  /** Name of the secret. */
  readonly secret: string;
  readonly namespace: string;
  /** Name of the ExternalSecret, and of the Kubernetes Secret that it writes. */
  readonly target: string;
}

/** By URN. */
type ResourceOutputs = Readonly<Record<string, { readonly outputs: Outputs }>>;
interface Outputs {
  readonly arn?: string;
  readonly versionId?: string;
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
  readonly spec?: { readonly template?: { readonly metadata?: { readonly annotations?: object } } };
}

/**
 * Reads the state of this stack, as the backend has it when the program starts. The stack's outputs would not do: an update
 * that fails leaves none, and the next one would take everything for new.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/builtins.go: readStackResourceOutputs
 */
export async function recordedResources(): Promise<RecordedResources> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const read = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  const resources = Object.entries(read.outputs as ResourceOutputs).map(([urn, { outputs }]) => {
    const [, , typeWithParents = "", name = ""] = urn.split("::");
    const [type = "", parent] = typeWithParents.split("$").reverse();
    return { type, parent, name, outputs };
  });
  const named = (is: (type: string) => boolean) =>
    new Map(resources.filter(({ type }) => is(type)).map(({ name, outputs }) => [name, outputs]));
  const versions = named((type) => type === types.secretVersion);
  // A Secret without an ARN was never made.
  const secrets = [...named((type) => type === types.secret)].flatMap(([name, { arn }]) =>
    arn === undefined ? [] : [[name, { arn, versionId: versions.get(name)?.versionId }] as const],
  );
  const externalSecrets = [...named((type) => type === types.externalSecret)].map(([name, { metadata }]) => {
    const { namespace = "", name: target = "" } = metadata ?? {};
    return { secret: name.slice(name.indexOf("/") + 1), namespace, target };
  });
  const patches = resources
    .filter(({ parent }) => parent === types.consumer)
    .map(({ name, outputs: { spec } }) => {
      return [name, new Set(Object.keys(spec?.template?.metadata?.annotations ?? {}))] as const;
    });
  const rotations = new Set(named((type) => type === types.secretRotation).keys());
  return { secrets: new Map(secrets), externalSecrets, rotations, patches: new Map(patches) };
}
