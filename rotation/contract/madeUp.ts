import { randomInt } from "node:crypto";
import type { Credential } from "../rotators/own/steps";

/** A credential of the same shape that nobody has made: each letter and digit is another one of its sort. An address stays. */
export function madeUpLike(credential: Credential): Credential {
  return Object.fromEntries(
    Object.entries(credential).map(([name, value]) => [name, value.includes("://") ? value : scrambled(value)]),
  );
}

const sorts = ["0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

function scrambled(text: string): string {
  return [...text]
    .map((letter) => {
      const sort = sorts.find((one) => one.includes(letter));
      return sort === undefined ? letter : sort[(sort.indexOf(letter) + randomInt(1, sort.length)) % sort.length];
    })
    .join("");
}
