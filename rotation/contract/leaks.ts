import { z } from "zod";
import { jsonOrUndefined } from "../json";

/** Properties that say who or where, and are no secret by themselves. */
const plain = /(id|user|username|name|account|host|port|engine|arn|url|region|email)$/i;
/** A shorter text is found anywhere by chance. */
const shortest = 8;

/** The values that must not be seen, and where they would be. */
export class Leaks {
  /** What each is called. */
  readonly #values = new Map<string, string>();
  readonly #texts = new Map<string, Set<string>>();

  /** @param value  of a secret, or a credential as JSON: each of its texts, unless its name says that it is none */
  add(value: string): void {
    const document = z.record(z.string(), z.unknown()).safeParse(jsonOrUndefined(value)).data;
    if (!document) this.#add("the value", value);
    for (const [name, text] of Object.entries(document ?? {}))
      if (typeof text === "string" && !plain.test(name)) this.#add(name, text);
  }

  /** @param where  e.g. `its output`; each text is searched once the last value is known */
  saw(where: string, text: string): void {
    const texts = this.#texts.get(where) ?? new Set();
    this.#texts.set(where, texts.add(text));
  }

  /** What was seen of that, without saying it; undefined: nothing. */
  in(where: string): string | undefined {
    const all = [...(this.#texts.get(where) ?? [])].join("\n");
    return [...this.#values].find(([value]) => formsOf(value).some((form) => all.includes(form)))?.[1];
  }

  #add(name: string, text: string): void {
    if (text.length >= shortest) this.#values.set(text, name);
  }
}

/** As it is, in JSON, in an address, in base64 by itself or after two parts of a basic authorization. */
function formsOf(value: string): string[] {
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value).toString("base64url"),
  ];
}
