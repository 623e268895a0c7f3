import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The command lines of the running processes that work in a folder or name it in their arguments or environment. */
export function processesOf(folder: string): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        const texts = [readFileSync(`/proc/${pid}/cmdline`, "utf8"), readFileSync(`/proc/${pid}/environ`, "utf8")];
        const isOfFolder = [readlinkSync(`/proc/${pid}/cwd`), ...texts].some((text) => text.includes(folder));
        return isOfFolder && texts[0] ? [`${pid} ${texts[0].replaceAll("\0", " ")}`] : [];
      } catch {
        return []; // it has ended meanwhile, or belongs to somebody else
      }
    });
}
