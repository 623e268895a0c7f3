import { namespacesOf } from "../../infra/config/rules";
import { versionAnnotation } from "../../infra/names";
import type { KubernetesSecret } from "../ports/kubernetes";
import { expectedData } from "../rotators/common/expectedData";
import { failure, type StrategyContext } from "../rotators/protocol";
import { waitFor } from "../waitFor";

/**
 * Gate "synced": in every namespace the Kubernetes Secret holds exactly the bytes of this version. A Ready condition is
 * no proof: with deletionPolicy Retain it stays true while the operator gets no data.
 *
 * @throws {NOT_SYNCED} after the secret's syncTimeout, with what the operator says; nothing is restarted then
 */
export async function synced(context: StrategyContext, versionId: string): Promise<void> {
  const { secret, fullName, ports } = context;
  if (!secret.externalSecret || namespacesOf(secret).length === 0) return;
  const value = await ports.secretsManager.value(fullName, versionId);
  const { target } = secret.externalSecret;
  if (value === undefined) {
    throw failure(context, "sync", "AWS_FAILED", `version ${versionId} cannot be read`, { retryable: true });
  }
  const expected = expectedData(context, "sync", value);
  await Promise.all(
    namespacesOf(secret).map(async (namespace) => {
      const readAgain = reader(context, namespace, target);
      const look = async () => {
        const found = await ports.kubernetes.secret(namespace, target);
        if (found && holds(found, versionId, expected)) return true;
        await readAgain();
        return undefined;
      };
      if (await waitFor(look, { timeoutSeconds: secret.syncTimeout })) return;
      const status = await ports.kubernetes.externalSecretStatus(namespace, target);
      const message = `after ${secret.syncTimeout} s the Kubernetes Secret ${namespace}/${target} lacks the new version: ${status}`;
      throw failure(context, "sync", "NOT_SYNCED", message, {
        retryable: true,
        hint: "see whether External Secrets runs and may read the secret, then run the same command again",
      });
    }),
  );
}

/** Seconds until External Secrets is told once more; then twice as long, and so on. */
const firstPauseSeconds = 2;

/**
 * Secrets Manager is eventually consistent: External Secrets may have read, and got what was before. By itself it reads
 * again after the refreshInterval, or, after an error, later and later.
 */
function reader({ ports: { kubernetes, clock, random } }: StrategyContext, namespace: string, target: string) {
  let pauseMs = firstPauseSeconds * 1000;
  let dueMs = clock.now().getTime() + pauseMs;
  return async () => {
    if (clock.now().getTime() < dueMs) return;
    pauseMs *= 2;
    dueMs = clock.now().getTime() + pauseMs;
    await kubernetes.readAgain(namespace, target, random(8).toString("hex"));
  };
}

function holds(found: KubernetesSecret, versionId: string, expected: ReadonlyMap<string, Buffer>): boolean {
  if (found.annotations[versionAnnotation] !== versionId) return false;
  return [...expected].every(([key, value]) => found.data[key]?.equals(value));
}
