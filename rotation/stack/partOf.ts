import type { StackConfig } from "../../infra/config/stackConfig";
import { workloadName } from "../../infra/names";
import type { Part } from "../../infra/rotation";
import type { SecretOutput } from "../../infra/stackOutputs";
import type { RecordedSecret, RecordedStack } from "./recordedStack";

/**
 * The part of the stack that an update over these secrets declares: themselves, their workloads, and what shares one of
 * those, as its patch has an annotation of each. The others' outputs are as the state has them.
 */
export function partOf(
  { secrets }: Pick<StackConfig, "secrets">,
  recorded: RecordedStack,
  names: ReadonlySet<string>,
): Part {
  const own = secrets.filter(({ name }) => names.has(name));
  const workloads = new Set(own.flatMap(({ consumers }) => consumers.map(workloadName)));
  const neighbours = secrets.filter(({ consumers }) => consumers.some((one) => workloads.has(workloadName(one))));
  const declared = new Set([...own, ...neighbours].map(({ name }) => name));
  const others = [...recorded].flatMap(([name, secret]) => (declared.has(name) ? [] : outputOf(name, secret)));
  return { secrets: declared, workloads, others: Object.fromEntries(others) };
}

/** As the program says it of a secret that it declares. A Secret that was never made has none. */
function outputOf(name: string, { arn, version }: RecordedSecret): [string, SecretOutput][] {
  if (arn === undefined) return [];
  return [[name, { arn, ...(version && { version: version.counter, versionId: version.id }) }]];
}
