import { z } from "zod";

/** What a template's `{names}` may stand for. */
export type Values = Readonly<Record<string, string>>;

const placeholder = /\{(\w+)\}/g;

/** A text in which `{id}` and the like stand for values. */
export function template(...known: readonly string[]) {
  return z.string().superRefine((text, { addIssue }) => {
    for (const name of namesIn(text)) if (!known.includes(name)) addIssue(unknown(name, known));
  });
}

/** A JSON document whose texts are such templates. */
export function documentTemplate(...known: readonly string[]) {
  return z.record(z.string(), z.unknown()).superRefine((document, { addIssue }) => {
    for (const name of namesIn(JSON.stringify(document))) {
      // A JSON's own braces are followed by a quote, or by nothing.
      if (!known.includes(name)) addIssue(unknown(name, known));
    }
  });
}

function namesIn(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, name = ""]) => name);
}

function unknown(name: string, known: readonly string[]): string {
  const choice = known.map((one) => `{${one}}`).join(", ");
  return `{${name}} stands for nothing here${choice ? `: choose from ${choice}` : ""}`;
}

/** @param written  how a value is written where it stands, e.g. `encodeURIComponent` */
export function filled(text: string, values: Values, written = (value: string) => value): string {
  return text.replace(placeholder, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : written(value);
  });
}

/** The same for every text of a JSON document, its properties' names excepted. */
export function filledDocument(document: unknown, values: Values): unknown {
  if (typeof document === "string") return filled(document, values);
  if (Array.isArray(document)) return document.map((one) => filledDocument(one, values));
  if (typeof document !== "object" || document === null) return document;
  return Object.fromEntries(Object.entries(document).map(([name, one]) => [name, filledDocument(one, values)]));
}
