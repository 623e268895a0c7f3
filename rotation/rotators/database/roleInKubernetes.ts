import { namespacesOf } from "../../../infra/config/rules";
import type { StrategyContext } from "../protocol";
import { databaseOf } from "./parameters";

/**
 * The role that services have, by the Kubernetes Secret: where AWSCURRENT is lost (the secret was deleted in AWS), they live by
 * what External Secrets brought before, and of two roles the other one has to be changed. Undefined: it is not there, or the
 * Kubernetes Secret does not say.
 */
export async function roleInKubernetes(context: StrategyContext): Promise<string | undefined> {
  const { secret, ports } = context;
  const { target, keys = [] } = secret.externalSecret ?? {};
  const key = keys.find(({ property }) => property === "username")?.key;
  const [namespace] = namespacesOf(secret);
  if (target === undefined || key === undefined || namespace === undefined) return undefined;
  const found = await ports.kubernetes.secret(namespace, target).catch(() => undefined);
  const role = found?.data[key]?.toString();
  return databaseOf(context).roles.find((one) => one === role);
}
