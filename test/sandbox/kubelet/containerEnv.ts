import type {
  V1Container,
  V1EnvFromSource,
  V1EnvVar,
  V1ObjectFieldSelector,
  V1Pod,
  V1SecretKeySelector,
} from "@kubernetes/client-node";
import { expand } from "./expansion";
import { NotStartable, unsupported } from "./podError";
import type { ReadSecret } from "./secretReader";

export interface EnvContext {
  readonly pod: V1Pod;
  readonly podIp: string;
  readonly hostIp: string;
  readonly readSecret: ReadSecret;
}

function missing(message: string): NotStartable {
  return new NotStartable("CreateContainerConfigError", "Failed", message);
}

function fieldValue({ fieldPath }: V1ObjectFieldSelector, { pod, podIp, hostIp }: EnvContext): string {
  const { metadata, spec } = pod;
  const entry = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  if (entry) return metadata?.[entry[1] as "labels" | "annotations"]?.[entry[2] ?? ""] ?? "";
  const fields: Record<string, string | undefined> = {
    "metadata.name": metadata?.name,
    "metadata.namespace": metadata?.namespace,
    "metadata.uid": metadata?.uid,
    "spec.nodeName": spec?.nodeName,
    "spec.serviceAccountName": spec?.serviceAccountName,
    "status.hostIP": hostIp,
    "status.podIP": podIp,
  };
  const value = fields[fieldPath];
  if (value === undefined) throw unsupported(`the field ${fieldPath}`);
  return value;
}

async function secretValue(selector: V1SecretKeySelector, read: ReadSecret): Promise<string | undefined> {
  const { name = "", key, optional } = selector;
  const data = await read(name);
  const value = data?.get(key);
  if (value !== undefined) return value.toString("utf8");
  if (optional) return undefined;
  throw missing(data ? `couldn't find key ${key} in Secret ${name}` : `secret "${name}" not found`);
}

async function fromSource(source: V1EnvFromSource, read: ReadSecret): Promise<Record<string, string>> {
  const { secretRef, prefix = "" } = source;
  if (!secretRef) throw unsupported("envFrom of anything but a Secret");
  const data = await read(secretRef.name ?? "");
  if (!data && !secretRef.optional) throw missing(`secret "${secretRef.name}" not found`);
  return Object.fromEntries([...(data ?? [])].map(([key, value]) => [prefix + key, value.toString("utf8")]));
}

async function variableValue(variable: V1EnvVar, env: Record<string, string>, context: EnvContext) {
  const { value, valueFrom } = variable;
  if (!valueFrom) return expand(value ?? "", env);
  if (valueFrom.secretKeyRef) return secretValue(valueFrom.secretKeyRef, context.readSecret);
  if (valueFrom.fieldRef) return fieldValue(valueFrom.fieldRef, context);
  throw unsupported(`the source of the variable ${variable.name}`);
}

/**
 * The environment of a container: `base`, then `envFrom`, then `env`, later ones may refer to earlier ones.
 * @throws NotStartable as long as a Secret or key it needs is missing
 */
export async function containerEnv(
  container: V1Container,
  base: Readonly<Record<string, string>>,
  context: EnvContext,
): Promise<Record<string, string>> {
  const env: Record<string, string> = { ...base };
  for (const source of container.envFrom ?? []) Object.assign(env, await fromSource(source, context.readSecret));
  for (const variable of container.env ?? []) {
    const value = await variableValue(variable, env, context);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}
