import type { StrategyContext } from "../protocol";
import { certificateOf } from "./parameters";
import type { CertificateValue } from "./value";

/** Why servers or clients that show a certificate would be refused by those who trust its bundle; undefined: neither would. */
export async function refusedBy(context: StrategyContext, value: CertificateValue): Promise<string | undefined> {
  const { names, usages } = certificateOf(context);
  // A wildcard is asked for by a name that it stands for.
  const name = names[0]?.replace(/^\*/, "any") ?? "";
  const refused = await context.ports.tls.inMemory(value, name);
  return usages.map((usage) => refused[usage]).find((why) => why !== undefined);
}
