import type { Declared } from "./declared";
import { type PolicyDocument, policyDocument } from "./policyDocument";
import { allow, keyOfBackups, keysOfSecrets, listing, objectsIn, secretArn } from "./statements";
import { limits, withinLimit } from "./withinLimit";

/** What a restore needs beside the rotation's policy; undefined: the stack keeps no backups. */
export function restorePolicy(declared: Declared): PolicyDocument | undefined {
  const { backup, environment } = declared;
  if (!backup) return undefined;
  return policyDocument([
    listing("BackupsThereAre", backup, environment),
    allow("ReadBackups", ["s3:GetObject"], objectsIn(backup, environment)),
    ...keyOfBackups(declared, ["kms:Decrypt"]),
  ]);
}

/**
 * What External Secrets needs: to read the secrets that come into Kubernetes; where their names are too many for a policy,
 * all of the environment. Undefined: no secret comes into Kubernetes.
 *
 * @param limit  characters that the policy may have
 * @see https://external-secrets.io/latest/provider/aws-secrets-manager/
 * @throws {PolicyTooLong}
 */
export function operatorPolicy(declared: Declared, limit: number = limits.managed): PolicyDocument | undefined {
  const { synced } = declared;
  if (synced.length === 0) return undefined;
  return withinLimit(declared, synced, limit, (names) =>
    policyDocument([
      allow(
        "SecretsInKubernetes",
        ["secretsmanager:GetSecretValue"],
        names.map((name) => secretArn(declared, name)),
      ),
      ...keysOfSecrets(declared, ["kms:Decrypt"]),
    ]),
  );
}
