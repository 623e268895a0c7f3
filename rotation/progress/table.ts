import Table from "cli-table3";

/** A table with these columns, without colours and without lines between its rows: as readable in a CI log as on a terminal. */
export function newTable(
  head: readonly string[],
  options: { readonly colWidths?: (number | null)[] } = {},
): Table.Table {
  const chars = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  return new Table({ head: [...head], style: { head: [], border: [] }, chars, wordWrap: true, ...options });
}
