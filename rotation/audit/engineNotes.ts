import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { z } from "zod";
import { describeError } from "../errors";
import { jsonOrUndefined } from "../json";
import type { Ports } from "../ports";
import { stateOfRun, urlOf, workflowRunOf } from "../ports/github";
import type { LockHolder } from "../stack/lockHolder";
import type { OpenStack } from "../stack/openStack";
import type { RemoteRun, RemoteRuns } from "../stack/remoteRuns";
import { placesOf } from "./places";
import type { Notes } from "./places/place";

const noteSchema = z.object({
  server: z.string(),
  repository: z.string(),
  id: z.string(),
  attempt: z.number(),
  /** When the engine was seen; ISO 8601. */
  seenAt: z.string(),
});

/** An engine takes its lock soon after its start. The lock tells whole seconds. */
const [beforeMs, afterMs] = [5_000, 60_000];
/** So long an answer of GitHub is good for. */
const keptMs = 20_000;

/** By notes in the audit trail; undefined: it has no place that keeps them. */
export function remoteRunsOf({ config, project }: OpenStack, ports: Ports): RemoteRuns | undefined {
  const places = config.audit ? placesOf(config.audit, ports, project) : [];
  const notes = places.flatMap((place) => place.notes ?? [])[0];
  return notes && remoteRuns(notes, `${config.environment}/.locks/${config.stack}`, ports, process.env);
}

/** @param folder  beneath which the stack's notes are */
export function remoteRuns(
  notes: Notes,
  folder: string,
  { clock }: Pick<Ports, "clock">,
  env: NodeJS.ProcessEnv,
): RemoteRuns {
  const engine = (host: string, pid: number) => `${folder}/${encodeURIComponent(host)}-${pid}`;
  const run = workflowRunOf(env);
  const known = new Map<string, { readonly atMs: number; readonly runs: Promise<RemoteRun[]> }>();
  const say = (what: string) => (error: unknown) => {
    process.stderr.write(`warning: ${what}: ${describeError(error)}\n`);
    return undefined;
  };

  async function find({ host, pid, since }: LockHolder): Promise<RemoteRun[]> {
    const texts = await notes.read(`${engine(host, pid)}-`);
    const lockedMs = Date.parse(since);
    const runs = texts.flatMap((text) => noteSchema.safeParse(jsonOrUndefined(text)).data ?? []);
    const near = runs.filter(({ seenAt }) => {
      const seenMs = Date.parse(seenAt);
      return lockedMs > seenMs - beforeMs && lockedMs < seenMs + afterMs;
    });
    return Promise.all(near.map(async (other) => ({ url: urlOf(other), ...(await stateOfRun(other, env)) })));
  }

  return {
    noteEngine:
      run &&
      (async (pid) => {
        const seenAt = clock.now().toISOString();
        const name = `${engine(hostname(), pid)}-${seenAt.replaceAll(/[-:]/g, "")}`;
        const lost = "no other run could tell that this one holds the stack, should it be lost";
        await notes.write(name, JSON.stringify({ ...run, seenAt })).catch(say(lost));
      }),
    async holding(lock) {
      const key = JSON.stringify(lock);
      const before = known.get(key);
      if (before && clock.now().getTime() - before.atMs < keptMs) return before.runs;
      const runs = find(lock).catch((error) => say("whose lock it is cannot be read")(error) ?? []);
      known.set(key, { atMs: clock.now().getTime(), runs });
      return runs;
    },
    async claim({ host, pid, since }) {
      const name = `${engine(host, pid)}-cleared-${Date.parse(since)}`;
      const own = randomUUID();
      await notes.write(name, own);
      const [first] = await notes.read(name);
      return first === own;
    },
  };
}
