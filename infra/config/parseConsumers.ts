import type { AwsConsumer, ConsumerDeclaration, ConsumerKinds, ParsedConsumers } from "./consumerKind";
import { type Problem, problemsOf } from "./problem";
import { kubernetesConsumerSchema } from "./secretSchema";

/** The kind of a consumer that says none. */
const defaultKind = "Deployment";

/**
 * Reads `consumers` of one declaration, each as its kind wants it.
 *
 * @param at  the path of the list, e.g. `secrets[2].consumers`
 */
export function parseConsumers(raw: readonly unknown[], kinds: ConsumerKinds, at: string): ParsedConsumers {
  const consumers: ConsumerDeclaration[] = [];
  const awsConsumers: AwsConsumer[] = [];
  const problems: Problem[] = [];
  for (const [i, one] of raw.entries()) {
    const path = `${at}[${i}]`;
    const isObject = typeof one === "object" && one !== null && !Array.isArray(one);
    const { kind = defaultKind, ...fields } = isObject ? (one as Record<string, unknown>) : {};
    const found = typeof kind === "string" ? kinds.get(kind) : undefined;
    if (!isObject) problems.push({ path, message: "must be an object with kind and name" });
    else if (!found) {
      const choice = [...kinds.keys()].join(", ");
      problems.push({ path: `${path}.kind`, message: `there is no consumer of kind ${kind}: choose from ${choice}` });
    } else if ("api" in found) {
      const parsed = kubernetesConsumerSchema.safeParse({ ...fields, kind: found.kind });
      const isPatched = found.restart === "podTemplate";
      if (!parsed.success) problems.push(...problemsOf(parsed.error, path));
      else if (!isPatched && parsed.data.restart !== undefined) {
        problems.push({ path: `${path}.restart`, message: `nobody restarts a ${found.kind}: leave it out` });
      } else consumers.push({ ...parsed.data, api: found.api, isPatched });
    } else {
      const parsed = found.fields.safeParse(fields);
      if (!parsed.success) problems.push(...problemsOf(parsed.error, path));
      else awsConsumers.push({ kind: found.kind, id: found.id(parsed.data), fields: parsed.data });
    }
  }
  return { consumers, awsConsumers, problems };
}
