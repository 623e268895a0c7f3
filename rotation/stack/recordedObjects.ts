import { z } from "zod";
import { namespacesOf } from "../../infra/config/rules";
import type { ConsumerDeclaration, SecretDeclaration } from "../../infra/config/secretSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { restartAnnotation, versionAnnotation, workloadName } from "../../infra/names";
import { consumerUrn, externalSecretUrn, patched } from "../../infra/urns";

/** What the stack's state holds of one secret's objects in Kubernetes. Undefined: nothing. */
export interface RecordedObjects {
  /** Those in which it has an ExternalSecret. */
  readonly namespaces: readonly string[];
  /** The version id that the ExternalSecret in a namespace has. */
  versionIn(namespace: string): string | undefined;
  /** The name under which Pulumi's provider applies that ExternalSecret. */
  fieldManagerIn(namespace: string): string | undefined;
  /** The name under which it applies the patch of a consumer. */
  fieldManagerOf(consumer: ConsumerDeclaration): string | undefined;
  /** The version id in the pod template that the patch of a consumer has. */
  restartOf(consumer: ConsumerDeclaration): string | undefined;
}

interface Resource {
  readonly inputs: unknown;
  readonly outputs: unknown;
}

const annotations = z.record(z.string(), z.unknown());
const externalSecretSchema = z.object({ metadata: z.object({ annotations }) });
const patchSchema = z.object({ spec: z.object({ template: z.object({ metadata: z.object({ annotations }) }) }) });
/** @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go: fieldManagerKey */
const outputsSchema = z.object({ __fieldManager: z.string() });

/** @param find  what the state holds under a URN */
export function recordedObjects(
  { stack, environment }: Pick<StackConfig, "stack" | "environment">,
  secret: SecretDeclaration,
  find: (urn: string) => Resource | undefined,
): RecordedObjects {
  const [versions, managers, restarts] = [
    new Map<string, string>(),
    new Map<string, string>(),
    new Map<string, string>(),
  ];
  for (const namespace of namespacesOf(secret)) {
    const found = find(externalSecretUrn(stack, namespace, secret.name));
    const version = externalSecretSchema.safeParse(found?.inputs).data?.metadata.annotations[versionAnnotation];
    if (typeof version === "string") versions.set(namespace, version);
    const manager = outputsSchema.safeParse(found?.outputs).data?.__fieldManager;
    if (manager !== undefined) managers.set(namespace, manager);
  }
  for (const consumer of patched(secret)) {
    const found = find(consumerUrn(stack, consumer));
    const { data } = patchSchema.safeParse(found?.inputs);
    const manager = outputsSchema.safeParse(found?.outputs).data?.__fieldManager;
    if (manager !== undefined) managers.set(workloadName(consumer), manager);
    const version = data?.spec.template.metadata.annotations[restartAnnotation(environment, secret.name)];
    if (typeof version === "string") restarts.set(workloadName(consumer), version);
  }
  return {
    namespaces: namespacesOf(secret).filter((namespace) => find(externalSecretUrn(stack, namespace, secret.name))),
    versionIn: (namespace) => versions.get(namespace),
    fieldManagerIn: (namespace) => managers.get(namespace),
    fieldManagerOf: (consumer) => managers.get(workloadName(consumer)),
    restartOf: (consumer) => restarts.get(workloadName(consumer)),
  };
}
