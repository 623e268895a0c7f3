import type { V1Secret } from "@kubernetes/client-node";

/** The values of a Secret by key; undefined: there is no such Secret. */
export type SecretData = ReadonlyMap<string, Buffer>;

export function secretData(secret: V1Secret): SecretData {
  return new Map(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")]));
}

/** Reads a Secret of the pod's namespace, at the API server: a pod never starts with a value that was cached earlier. */
export type ReadSecret = (name: string) => Promise<SecretData | undefined>;
