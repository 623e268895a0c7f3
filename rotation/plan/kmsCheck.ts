import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { describeError } from "../errors";
import type { Ports } from "../ports";
import type { SecretDescription } from "../ports/secretsManager";
import type { Asked } from "./asked";
import type { Outcome } from "./outcome";

/**
 * The KMS keys that encrypt the secret's versions: the one that it has, and the one that is declared. Whether they may be
 * used is not asked: a key's policy may allow that by way of Secrets Manager only, which no dry run of KMS goes.
 */
export async function kmsCheck(
  { kmsKeyId }: Pick<SecretDeclaration, "kmsKeyId">,
  live: Pick<SecretDescription, "kmsKeyId">,
  { kmsKeys }: Pick<Ports, "kmsKeys">,
  asked: Asked,
): Promise<Outcome[]> {
  const keys = new Set([live.kmsKeyId, kmsKeyId].filter((id) => id !== undefined && !isOfAws(id)));
  return Promise.all([...keys].map((id) => asked.once(`KMS key ${id}`, () => outcomeOf(id as string, kmsKeys))));
}

/** AWS's own key is always there. */
function isOfAws(id: string): boolean {
  return /(^|:)alias\/aws\/secretsmanager$/.test(id);
}

/** @see https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html: an alias's or a replica's change holds nothing up */
const usable: readonly string[] = ["Enabled", "Updating"];

async function outcomeOf(id: string, kmsKeys: Ports["kmsKeys"]): Promise<Outcome> {
  const refuse = (what: string, hint: string) =>
    ({ refuse: `the KMS key ${id} ${what}`, code: "AWS_FAILED", hint }) as const;
  try {
    const { state, deletionAt, spec } = await kmsKeys.describe(id);
    if (state === "PendingDeletion") {
      const when = deletionAt ? ` (${deletionAt.toISOString()})` : "";
      return refuse(`is scheduled for deletion${when}`, `aws kms cancel-key-deletion --key-id ${id}, and enable-key`);
    }
    if (state === "Disabled") return refuse("is disabled", `aws kms enable-key --key-id ${id}`);
    if (state === "unknown") return { unknown: `the state of the KMS key ${id}` };
    if (!usable.includes(state)) return refuse(`is ${state}`, `see aws kms describe-key --key-id ${id}`);
    if (spec !== "SYMMETRIC_DEFAULT")
      return refuse(`is ${spec}`, "Secrets Manager takes symmetric keys: correct kmsKeyId");
    return { fact: `the KMS key ${id} is enabled` };
  } catch (error) {
    if ((error as Error).name === "NotFoundException") {
      return refuse("does not exist", "correct the secret's kmsKeyId, run pulumi up, then run the same command again");
    }
    return { unknown: `whether the KMS key ${id} is enabled: ${describeError(error)}` };
  }
}
