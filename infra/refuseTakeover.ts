import { namespacesOf } from "./config/rules";
import type { StackConfig } from "./config/stackConfig";
import type { RecordedResources } from "./recordedResources";
import { refusal } from "./refusal";

/**
 * Refuses, before any resource is declared, a Kubernetes Secret that goes from one secret of the stack to another: one that
 * was renamed in the configuration, say. The engine would make the new ExternalSecret before it deletes the old one, and
 * they are one object; and a secret under another name has no value yet.
 *
 * @throws {RunError} with every such secret and what to do
 */
export function refuseTakeover({ stack, secrets }: StackConfig, { externalSecrets }: RecordedResources): void {
  const taken = secrets.flatMap((secret) =>
    namespacesOf(secret).flatMap((namespace) => {
      const target = secret.externalSecret?.target;
      const of = externalSecrets.filter((one) => one.namespace === namespace && one.target === target);
      const isOwn = of.some((one) => one.secret === secret.name);
      return of.length === 0 || isOwn ? [] : [{ name: secret.name, namespace, target, before: of[0]?.secret }];
    }),
  );
  if (taken.length === 0) return;
  throw refusal(
    [
      "this update would give a Kubernetes Secret to another secret. Nothing was changed.",
      ...taken.map(
        ({ name, namespace, target, before }) =>
          `  ${name}: the Kubernetes Secret ${namespace}/${target} is that of ${before}, in the stack's state`,
      ),
      "A secret keeps its name: AWS has its value under it. Declare it under the name that it had. To move to another name,",
      "declare the new one beside the old one, with an externalSecret.target of its own; rotate it; have the workloads",
      `take the new Kubernetes Secret; then take the old declaration out of Pulumi.${stack}.yaml.`,
    ].join("\n"),
  );
}
