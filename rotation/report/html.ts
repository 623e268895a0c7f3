/** A piece of HTML: what is in it is escaped already. */
export class Html {
  constructor(readonly text: string) {}
}

export type Part = Html | string | number | undefined | readonly Part[];

/**
 * HTML in which everything that is put in is text, except for other pieces of HTML; undefined is nothing, a list its items.
 *
 * @example html`<td title="${name}">${name}</td>`
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.reduce((all, text, i) => `${all}${i === 0 ? "" : written(parts[i - 1])}${text}`, ""));
}

function written(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(written).join("");
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For an element's content, and for attributes in quotes. Signs that turn the direction of writing, or are none, are shown as such. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? "")
    .replaceAll(/[^\P{Cc}\n\t]|[\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, "\uFFFD");
}
