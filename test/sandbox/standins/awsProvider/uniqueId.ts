let counter = 0;

/**
 * The real provider's token of a new version, which becomes its id: the UTC time to a tenth of a millisecond, and a counter.
 * @see https://github.com/hashicorp/terraform-plugin-sdk/blob/main/helper/id/id.go: UniqueId
 */
export function uniqueId(now: Date): string {
  counter += 1;
  const time = now.toISOString().replace(/\D/g, "");
  return `terraform-${time}0${counter.toString(16).padStart(8, "0")}`;
}
