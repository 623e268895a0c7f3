import { isIP, isIPv6 } from "node:net";

/**
 * One spelling of a host: letter case, the root's dot, and the forms of an address differ in text alone.
 *
 * @see https://url.spec.whatwg.org/#concept-host-parser
 */
export function normalHost(host: string): string {
  const bare = host.trim().replace(/^\[(.*)\]$/, "$1");
  const text = bare.toLowerCase().replace(/\.$/, "");
  const inUrl = isIPv6(bare) ? `[${bare}]` : bare;
  // A socket's folder, or a zone's name, is no host of a URL.
  if (/[/\\@?#%]/.test(bare) || (inUrl === bare && bare.includes(":"))) return text;
  try {
    const { hostname } = new URL(`http://${inUrl}/`);
    return unmapped(hostname.replace(/^\[(.*)\]$/, "$1")).replace(/\.$/, "");
  } catch {
    return text;
  }
}

/** Whether a host is an address, of IPv4 or IPv6. */
export function isAddress(host: string): boolean {
  return isIP(host) !== 0;
}

/** `::ffff:7f00:1` is 127.0.0.1. */
function unmapped(address: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bytes = [high, low].flatMap((text) => [Number.parseInt(text, 16) >> 8, Number.parseInt(text, 16) & 255]);
  return bytes.join(".");
}
