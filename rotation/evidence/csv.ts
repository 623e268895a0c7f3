import { stringify } from "csv-stringify/sync";

/**
 * Rows as CSV by RFC 4180, with a head. A text that a spreadsheet would take for a formula begins with an apostrophe.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csv<Row extends object>(columns: readonly (keyof Row & string)[], rows: readonly Row[]): string {
  return stringify([...rows], {
    columns: [...columns],
    header: true,
    record_delimiter: "windows",
    escape_formulas: true,
    // A line feed alone is no end of a row here, and would be for others.
    quoted_match: /[\r\n]/,
    cast: { boolean: (value) => (value ? "yes" : "no") },
  });
}
