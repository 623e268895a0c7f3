/** What a JSON text says; undefined: it is none. The error that the parser throws quotes the text, which may be a value. */
export function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
