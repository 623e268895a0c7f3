/** A column: how wide, and whether it holds numbers, which end at the same place. */
export interface Column {
  readonly width: number;
  readonly numeric?: boolean;
}

const gap = 1;

/** Lays out rows of text in columns, without lines around them. A cell that is too long goes on below, word by word. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  return rows.flatMap((cells) => layOut(columns, cells)).join("\n");
}

function layOut(columns: readonly Column[], cells: readonly string[]): string[] {
  const wrapped = columns.map(({ width }, i) => wrap(cells[i] ?? "", width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ width, numeric }, i) => {
        const text = wrapped[i]?.[line] ?? "";
        return numeric ? text.padStart(width) : text.padEnd(width);
      })
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
