import type { Random } from "../../ports";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A text of that many letters and digits, each equally likely (5.95 bits a character): safe in URLs, shells and JSON. */
export function generate(random: Random, length: number): string {
  let text = "";
  // A byte beyond the last whole multiple of the alphabet would make its first characters likelier.
  const limit = 256 - (256 % alphabet.length);
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
