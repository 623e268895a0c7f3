/** Replaces `$(NAME)` as Kubernetes does: an unknown name stays as it is written, `$$` stands for one `$`. */
export function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]+)\)/g, (match: string, name: string | undefined) => {
    if (name === undefined) return "$";
    return Object.hasOwn(values, name) ? (values[name] ?? match) : match;
  });
}
