import { namespacesOf } from "../../infra/config/rules";
import { forceSyncAnnotation } from "../../infra/names";
import type { KubernetesSecret } from "../ports/kubernetes";
import { expectedData } from "../strategies/expectedData";
import { failure, type StrategyContext } from "../strategies/strategy";
import { waitFor } from "../waitFor";

/**
 * Gate "synced": in every namespace the Kubernetes Secret holds exactly the bytes of this version. A Ready condition is
 * no proof: with deletionPolicy Retain it stays true while the operator gets no data.
 *
 * @throws {NOT_SYNCED} after the secret's syncTimeout, with what the operator says; nothing is restarted then
 */
export async function synced(context: StrategyContext, versionId: string): Promise<void> {
  const { secret, fullName, ports } = context;
  const value = await ports.secretsManager.value(fullName, versionId);
  const target = secret.externalSecret?.target;
  if (value === undefined || target === undefined) {
    throw failure(context, "sync", "AWS_FAILED", `version ${versionId} cannot be read`, { retryable: true });
  }
  const expected = expectedData(context, "sync", value);
  await Promise.all(
    namespacesOf(secret).map(async (namespace) => {
      const look = async () => {
        const found = await ports.kubernetes.secret(namespace, target);
        return found && holds(found, versionId, expected) ? true : undefined;
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

function holds(found: KubernetesSecret, versionId: string, expected: ReadonlyMap<string, Buffer>): boolean {
  if (found.annotations[forceSyncAnnotation] !== versionId) return false;
  return [...expected].every(([key, value]) => found.data[key]?.equals(value));
}
