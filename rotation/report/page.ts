import { createHash } from "node:crypto";
import { Html, html } from "./html";
import { style } from "./style";

export interface Section {
  /** Its anchor. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

export interface Page {
  readonly title: string;
  /** A line each, beneath the title. */
  readonly facts: readonly Html[];
  /** Between the head and the sections. */
  readonly summary: Html;
  readonly sections: readonly Section[];
  readonly foot: string;
}

/**
 * A page that is one file, and loads nothing: its policy allows its own style, by its hash, and nothing else, no script.
 *
 * @see https://www.w3.org/TR/CSP3/#framework-directives
 */
export function page({ title, facts, summary, sections, foot }: Page): string {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${facts.map((fact) => html`<p class="soft small">${fact}</p>\n`)}<nav aria-label="Sections"><ul>
${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>\n`)}</ul></nav>
</header>
<main>
${summary}
${sections.map(
  ({ id, title, body }) => html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>
`,
)}</main>
<footer><p class="soft small">${foot}</p></footer>
</body>
</html>
`;
  return whole.text;
}

export interface Column<Row> {
  readonly title: string;
  /** `name`: its cell is the heading of its row. */
  readonly class?: "name" | "wide" | "once" | "number";
  cell(row: Row): Html | string | number | undefined;
}

/** Rows from which on a table is laid out when it comes into sight: a page of thousands opens at once. */
const largeFrom = 50;

/** A table with a caption for who does not see it; in a box that scrolls by itself on a narrow screen. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const head = columns.map(({ title, class: is }) => html`<th scope="col"${classOf(is)}>${title}</th>`);
  const cells = (row: Row) =>
    columns.map(({ class: is, cell }) =>
      is === "name"
        ? html`<th scope="row" class="name">${cell(row)}</th>`
        : html`<td${classOf(is)}>${cell(row) ?? "–"}</td>`,
    );
  const large = rows.length >= largeFrom ? " large" : "";
  return html`<div class="scroll${large}" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody>
</table></div>`;
}

function classOf(name: string | undefined): Html {
  return name === undefined ? html`` : html` class="${name}"`;
}

/** How something stands, as a text with a mark: the colour says it once more. */
export type Tone = "ok" | "soon" | "bad" | "idle";

export function state(text: string, tone: Tone): Html {
  return html`<span class="state ${tone}">${text}</span>`;
}

/** A number that counts, with what it counts. */
export interface Tile {
  readonly count: number;
  readonly what: string;
  readonly tone: Tone;
}

export function tiles(all: readonly Tile[]): Html {
  return html`<ul class="tiles">
${all.map(({ count, what, tone }) => html`<li class="${tone}"><b>${count}</b> ${what}</li>\n`)}</ul>`;
}

/** Of a time in ISO 8601: `2026-03-01 12:00 UTC`, with the whole of it beside the pointer. */
export function moment(iso: string): Html {
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}
