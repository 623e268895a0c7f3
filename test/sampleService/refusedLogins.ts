import { open, stat } from "node:fs/promises";

/** The logins of one role that the server refused. */
export interface RefusedLogins {
  readonly role: string;
  readonly count: number;
  readonly first: Date;
  readonly last: Date;
}

// The start of a line as log_line_prefix '%m [%p] ' and log_timezone UTC or GMT write it.
const refusal = /^(\S+ \S+) (\S+) .*FATAL: {2}password authentication failed for user "(.*)"$/gm;

/** Where the log ends now, in bytes: from here on the refused logins of what comes next are counted. */
export async function logEnd(file: string): Promise<number> {
  return (await stat(file)).size;
}

/**
 * Counts the logins that the PostgreSQL server refused for a wrong password, by role, from its log file.
 * @param offset where to begin, in bytes, from logEnd
 * @throws {Error} when the log's time zone is another than UTC or GMT.
 */
export async function refusedLogins(file: string, offset = 0): Promise<RefusedLogins[]> {
  const log = await readFrom(file, offset);
  const roles = new Map<string, RefusedLogins>();
  for (const [, time = "", zone = "", role = ""] of log.matchAll(refusal)) {
    if (zone !== "UTC" && zone !== "GMT")
      throw new Error(`The times in ${file} are in ${zone}: start the server with log_timezone=UTC.`);
    const at = new Date(`${time.replace(" ", "T")}Z`);
    const before = roles.get(role);
    roles.set(role, { role, count: (before?.count ?? 0) + 1, first: before?.first ?? at, last: at });
  }
  return [...roles.values()];
}

async function readFrom(file: string, offset: number): Promise<string> {
  const handle = await open(file);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of handle.createReadStream({ start: offset, autoClose: false }))
      chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    await handle.close();
  }
}
