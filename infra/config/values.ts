/** What stands for a value that is encrypted, or holds one: the driver decrypts none. */
export const encrypted: unknown = Object.freeze({ secure: "…" });

/**
 * The configuration as the engine merges it: the stack's file over its ESC environments over Pulumi.yaml. Objects are JSON,
 * everything else is text.
 *
 * @param texts  the values by their full key, as the engine hands them over
 */
export function configValues(texts: Iterable<readonly [key: string, text: string]>): Record<string, unknown> {
  return Object.fromEntries([...texts].map(([key, text]) => [key, parsed(text)]));
}

function parsed(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
