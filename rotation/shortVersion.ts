/**
 * What tells one id from another, for a reader: of a UUID its first group; of what the AWS provider makes, the time without
 * the prefix that all of them share. Other ids, which whoever wrote the version has chosen, are shown whole.
 *
 * @see https://github.com/hashicorp/terraform-plugin-sdk/blob/main/helper/id/id.go: PrefixedUniqueId
 */
export function shortVersion(id: string | undefined): string {
  if (id === undefined) return "–";
  return /^([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(id)?.[1] ?? ofProvider.exec(id)?.[1] ?? id;
}

/** Whether an id is meant: by its beginning, or by the beginning of what tables show of it. */
export function isMeantBy(shown: string, id: string): boolean {
  return id.startsWith(shown) || (ofProvider.test(id) && id.slice(prefix.length).startsWith(shown));
}

const prefix = "terraform-";
/** The UTC time to a tenth of a millisecond, and a counter of the provider's process. */
const ofProvider = /^terraform-(\d{18})[0-9a-f]{8}$/;
