/** Code points by table of stringprep, for Unicode 3.2. */
type Table = { get(codePoint: number): boolean };

// Read when a password is not ASCII: those that are generated here are.
const tables = () =>
  require("saslprep/lib/memory-code-points") as Record<
    | "unassigned_code_points"
    | "commonly_mapped_to_nothing"
    | "non_ASCII_space_characters"
    | "prohibited_characters"
    | "bidirectional_r_al"
    | "bidirectional_l",
    Table
  >;

/**
 * The password from which a server computes the verifier, and libpq its proof: SASLprep, as PostgreSQL does it. It looks
 * for what is prohibited or unassigned before the normalization, not after it as the RFC has it, and takes a password in
 * which it finds that as it is.
 *
 * @see https://github.com/postgres/postgres/blob/master/src/common/saslprep.c: pg_saslprep
 * @see https://www.rfc-editor.org/rfc/rfc4013
 */
export function prepared(password: string): string {
  if (isAscii(password)) return password;
  const mapped = mappedOf(password);
  const codePoints = [...mapped].map((character) => character.codePointAt(0) ?? 0);
  const isTaken = codePoints.length > 0 && !hasProhibited(codePoints) && isOneDirection(codePoints);
  return isTaken ? mapped.normalize("NFKC") : password;
}

/**
 * Why no login with a password can be proved, whatever verifier the role has; undefined: it can.
 *
 * @see https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/crypto/sasl.js: pg normalizes what the server
 *   takes as it is, too
 */
export function unusable(password: string): string | undefined {
  if (password.includes("\0")) return "has a NUL character, at which PostgreSQL's clients end it";
  if (!password.isWellFormed()) return "has half of a surrogate pair, which is no character";
  if (isAscii(password)) return undefined;
  const byClient = mappedOf(password).normalize("NFKC");
  if (byClient === prepared(password)) return undefined;
  return "has characters that SASLprep forbids beside others that it changes, which clients do not treat alike";
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function mappedOf(password: string): string {
  const { non_ASCII_space_characters: spaces, commonly_mapped_to_nothing: nothing } = tables();
  return [...password]
    .map((character) => {
      const codePoint = character.codePointAt(0) ?? 0;
      if (spaces.get(codePoint)) return " ";
      return nothing.get(codePoint) ? "" : character;
    })
    .join("");
}

function hasProhibited(codePoints: readonly number[]): boolean {
  const { prohibited_characters: prohibited, unassigned_code_points: unassigned } = tables();
  return codePoints.some((codePoint) => prohibited.get(codePoint) || unassigned.get(codePoint));
}

/** From left to right; or from right to left, without anything else at its begin, its end, or of letters within. */
function isOneDirection(codePoints: readonly number[]): boolean {
  const { bidirectional_r_al: rightToLeft, bidirectional_l: leftToRight } = tables();
  if (!codePoints.some((codePoint) => rightToLeft.get(codePoint))) return true;
  const ends = [codePoints[0] ?? 0, codePoints.at(-1) ?? 0];
  return (
    !codePoints.some((codePoint) => leftToRight.get(codePoint)) && ends.every((codePoint) => rightToLeft.get(codePoint))
  );
}
