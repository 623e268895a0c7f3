import { normalHost } from "../../../infra/config/hostName";
import type { Dns } from "../../ports/dns";

/**
 * Whether two names are of one host: the same text but for its spelling, or an alias (`localhost`, a CNAME), which
 * resolves to an address of the other. A name that does not resolve is equal to none.
 */
export async function sameHost(dns: Dns, one: string, other: string): Promise<boolean> {
  const [first, second] = [normalHost(one), normalHost(other)];
  if (first === second) return true;
  const [ours, theirs] = await Promise.all([dns.addresses(first), dns.addresses(second)]);
  const known = new Set(ours.map(normalHost));
  return theirs.some((address) => known.has(normalHost(address)));
}
