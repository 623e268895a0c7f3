/**
 * One spelling of a JSON document: Terraform holds two that say the same for equal. Text that is no JSON stays as it is.
 *
 * @see https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/sdkv2/schema.go: JSONDocumentSchemaOptional
 */
export function jsonText(text: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
