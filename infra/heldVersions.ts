import * as secretsmanager from "@pulumi/aws/secretsmanager";

/** By the name of the secret: the ids of all versions that AWS has of it; undefined: AWS does not tell. */
export type HeldVersions = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/**
 * Asks AWS for the versions of these secrets, never for a value. A secret that is gone has none.
 *
 * @param arns  the secrets' names with their ARNs
 */
export async function heldVersions(arns: readonly (readonly [name: string, arn: string])[]): Promise<HeldVersions> {
  return new Map(await Promise.all(arns.map(async ([name, arn]) => [name, await versionsOf(arn)] as const)));
}

async function versionsOf(secretId: string): Promise<ReadonlySet<string> | undefined> {
  try {
    const { versions } = await secretsmanager.getSecretVersions({ secretId, includeDeprecated: true });
    return new Set(versions.map(({ versionId }) => versionId));
  } catch (error) {
    return /ResourceNotFound/.test(String(error)) ? new Set() : undefined;
  }
}
