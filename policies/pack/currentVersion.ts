import type { SecretsManagerClient, SecretVersionsListEntry } from "@aws-sdk/client-secrets-manager";
import { tags } from "../rules/names";
import { cureOf, type Run, type SecretFacts, type Violation } from "../rules/secret";
import { secretAge } from "../rules/secretAge";
import { inDays, utcDate, utcDay } from "../rules/utcDays";
import { type Plain, textAt } from "./plain";

export interface LiveConfig {
  readonly verify?: "tags" | "live";
  readonly verifyToleranceDays?: number;
}

/** What Secrets Manager says of AWSCURRENT: its creation, nothing where there is none yet, or why it cannot be asked. */
export type CurrentVersion =
  | { readonly state: "known"; readonly createdAt: Date | undefined }
  | { readonly state: "unknown"; readonly reason: string };

export const defaultToleranceDays = 1;

const clients = new Map<string, Promise<SecretsManagerClient>>();
/** Without credentials every further secret would wait for the same answer. */
let withoutCredentials: string | undefined;

/**
 * Asks Secrets Manager for the creation date of AWSCURRENT. It lists versions, so it never sees a value; it needs
 * `secretsmanager:ListSecretVersionIds`, credentials and endpoint as the AWS SDK finds them in the environment, and the
 * region of the resource's provider.
 */
export async function currentVersion(name: string, provider: Plain): Promise<CurrentVersion> {
  const because = (reason: string) =>
    ({ state: "unknown", reason: `${name}: cannot verify its age live: ${reason}` }) as const;
  if (withoutCredentials !== undefined) return because(withoutCredentials);
  try {
    const current = await findCurrent(name, textAt(provider, "region"));
    return { state: "known", createdAt: current?.CreatedDate };
  } catch (error) {
    const kind = error instanceof Error ? error.name : "error";
    switch (kind) {
      case "ResourceNotFoundException":
        return { state: "known", createdAt: undefined };
      case "CredentialsProviderError":
        withoutCredentials = "no AWS credentials were found. Set them (e.g. AWS_PROFILE), or remove verify: live";
        return because(withoutCredentials);
      case "AccessDeniedException":
        return because("secretsmanager:ListSecretVersionIds is denied. Allow it to the credentials of this run");
      case "ExpiredTokenException":
      case "UnrecognizedClientException":
        return because(`Secrets Manager refuses the credentials (${kind}). Renew them`);
      default:
        return because(`Secrets Manager answered ${kind}. Repeat the run, or remove verify: live`);
    }
  }
}

/** The tag `rotated-at` against the creation of AWSCURRENT: they lie apart by little, or one of them is no rotation. */
export function lyingTag(
  secret: SecretFacts,
  run: Run & { readonly config: LiveConfig },
  createdAt: Date | undefined,
): Violation[] {
  const age = secretAge(secret.tags[tags.rotatedAt], run.now);
  if (age.state !== "known" || createdAt === undefined) return [];
  const apart = Math.abs(utcDay(age.at) - utcDay(createdAt));
  if (apart <= (run.config.verifyToleranceDays ?? defaultToleranceDays)) return [];
  const tag = `its tag rotated-at says ${utcDate(age.at)}, but AWSCURRENT was created on ${utcDate(createdAt)}`;
  return [{ message: `${secret.name}: ${tag}, ${inDays(apart)} apart. ${cureOf(secret, run)}` }];
}

async function findCurrent(name: string, region: string | undefined): Promise<SecretVersionsListEntry | undefined> {
  // Loading the SDK takes a quarter of a second, which a pack that verifies nothing live does not spend.
  const { paginateListSecretVersionIds } = await import("@aws-sdk/client-secrets-manager");
  const client = await clientOf(region);
  for await (const page of paginateListSecretVersionIds({ client }, { SecretId: name })) {
    const current = page.Versions?.find((version) => version.VersionStages?.includes("AWSCURRENT"));
    if (current) return current;
  }
  return undefined;
}

function clientOf(region: string | undefined): Promise<SecretsManagerClient> {
  const key = region ?? "";
  const known = clients.get(key);
  if (known) return known;
  const created = import("@aws-sdk/client-secrets-manager").then(
    ({ SecretsManagerClient }) =>
      new SecretsManagerClient({
        ...(region !== undefined && { region }),
        maxAttempts: 3,
        requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000 },
      }),
  );
  clients.set(key, created);
  return created;
}
