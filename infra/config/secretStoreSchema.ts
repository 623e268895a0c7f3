import { z } from "zod";
import { ownSecretStoreName } from "../names";
import { kubernetesName } from "./secretSchema";

/** Through which External Secrets reads. */
export interface SecretStoreConfig {
  readonly kind: "SecretStore" | "ClusterSecretStore";
  readonly name: string;
  /** Whether the stack makes it: a SecretStore in each namespace, or one ClusterSecretStore; else it is there already. */
  readonly own: boolean;
}

/** `secret-rotation:secretStore`; without it the stack makes a SecretStore in each namespace that gets a secret. */
export const secretStoreSchema = z
  .strictObject({
    kind: z.enum(["SecretStore", "ClusterSecretStore"]).default("SecretStore"),
    /** Of one that is there. */
    name: kubernetesName.optional(),
    /** The stack makes the ClusterSecretStore, for the namespaces that get one of its secrets. */
    make: z.boolean().default(false),
  })
  .check(({ value: { kind, name, make }, issues }) => {
    const report = (path: string, message: string) =>
      issues.push({ code: "custom", input: name, path: [path], message });
    if (!make && name === undefined) report("name", "is needed: the store that is there; or make: true");
    if (make && name !== undefined)
      report("name", "belongs to a store that is there: one that the stack makes has its name");
    if (make && kind === "SecretStore") {
      report("make", "belongs to a ClusterSecretStore: without secretStore the stack makes SecretStores");
    }
  });

/** @param stack  its name alone */
export function secretStoreOf(
  declared: z.output<typeof secretStoreSchema> | undefined,
  stack: string,
): SecretStoreConfig {
  const { kind = "SecretStore", name = ownSecretStoreName(stack), make = true } = declared ?? {};
  return { kind, name, own: make };
}
