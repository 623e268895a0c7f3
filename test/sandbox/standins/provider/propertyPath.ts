/** A step into a property: the key of a map or the index of a list. `"*"` in a pattern is any of them. */
export type PropertyPath = readonly (string | number)[];

const segment = /\.?([^.[\]"]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]/y;

/**
 * Reads a path such as `spec.containers[0].env` or `tags["rotated-at"]`.
 * @throws Error if the text is not a path
 */
export function parsePath(text: string): PropertyPath {
  const path: (string | number)[] = [];
  segment.lastIndex = 0;
  while (segment.lastIndex < text.length) {
    const at = segment.lastIndex;
    const match = segment.exec(text);
    if (!match) throw new Error(`"${text}" is not a property path (character ${at})`);
    const [, name, index, quoted] = match;
    if (name !== undefined) path.push(name);
    else if (quoted !== undefined) path.push(quoted.replace(/\\(.)/g, "$1"));
    else path.push(index === "*" ? "*" : Number(index));
  }
  return path;
}

/** The same, as the engine writes it in a diff. */
export function formatPath(path: PropertyPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (/[."[\]]/.test(step)) return `${text}["${step.replaceAll('"', '\\"')}"]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** Whether `path` is what `pattern` says, or lies in it. */
export function pathContains(pattern: PropertyPath, path: PropertyPath): boolean {
  return pattern.length <= path.length && pattern.every((step, i) => step === "*" || String(step) === String(path[i]));
}
