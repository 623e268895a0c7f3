import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseRecord } from "../record";
import { type AuditPlace, lastOf } from "./place";

/** A file of this machine, a record a line. */
export function filePlace(file: string): AuditPlace {
  return {
    name: file,
    async append(record) {
      await mkdir(dirname(file), { recursive: true });
      const opened = await open(file, "a+", 0o600);
      try {
        // A line that a full disk cut off stays one of its own.
        const { size } = await opened.stat();
        const end = size > 0 ? (await opened.read({ position: size - 1, length: 1 })).buffer.subarray(0, 1) : "\n";
        await opened.write(`${end.toString() === "\n" ? "" : "\n"}${JSON.stringify(record)}\n`);
        await opened.datasync();
      } finally {
        await opened.close();
      }
    },
    async *runs(environment) {
      const lines = (await readFile(file, "utf8").catch(empty)).split("\n").filter(Boolean).map(parseRecord);
      const runs = Map.groupBy(lines, (record) => record?.runId ?? Symbol("no record"));
      for (const records of [...runs.values()].reverse()) {
        const last = lastOf(records);
        if (last === undefined || last.environment === environment) yield last;
      }
    },
  };
}

/** Before the first run there is no file. */
function empty(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "";
  throw error;
}
