import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { remoteRuns } from "../../../rotation/audit/engineNotes";
import type { Notes } from "../../../rotation/audit/places/place";
import { describeHolders, mayClearRemote } from "../../../rotation/stack/remoteRuns";
import { type GitHub, startGitHub } from "../../integration/github";

const now = new Date("2026-11-30T02:03:00Z");
/** Of a process that there is none of here. */
const pid = 4711_0815;

/** A place that several machines see. */
function sharedNotes(): Notes {
  const kept = new Map<string, string>();
  return {
    write: async (name, text) => void (kept.has(name) || kept.set(name, text)),
    read: async (prefix) => [...kept].flatMap(([name, text]) => (name.startsWith(prefix) ? [text] : [])),
  };
}

const message = (...locks: { pid?: number; host?: string; since?: string }[]) =>
  `the stack is currently locked by ${locks.length} lock(s).\n${locks
    .map((lock) => ({ pid, host: hostname(), since: "2026-11-30T02:03:01Z", ...lock }))
    .map(({ pid, host, since }) => `s3://state/${pid}.json: created by runner@${host} (pid ${pid}) at ${since}`)
    .join("\n")}`;

describe("the notes that runs leave of their engines", () => {
  let github: GitHub;
  let notes: Notes;
  before(async () => {
    github = await startGitHub();
  });
  after(() => github.stop());
  beforeEach(() => {
    notes = sharedNotes();
    github.answer(200, { status: "completed", run_attempt: 1 });
  });
  const ofRun = (id: string, atMs = 0) =>
    remoteRuns(
      notes,
      "prod/.locks/prod",
      { clock: { now: () => new Date(now.getTime() + atMs) } },
      {
        GITHUB_ACTIONS: "true",
        GITHUB_SERVER_URL: "https://github.example",
        GITHUB_API_URL: github.url,
        GITHUB_REPOSITORY: "acme/shop",
        GITHUB_RUN_ID: id,
      },
    );

  it("of several that see the lock of a run that has ended, one is to clear it", async () => {
    await ofRun("7").noteEngine?.(pid);
    const seen = await Promise.all(["8", "9", "10"].map((id) => mayClearRemote(ofRun(id), message({}))));
    assert.deepEqual(seen.sort(), [false, false, true]);
  });

  const kept: Record<string, () => Promise<string>> = {
    "of a run that is in progress": async () => {
      await ofRun("7").noteEngine?.(pid);
      github.answer(200, { status: "in_progress", run_attempt: 1 });
      return message({});
    },
    "that no run has noted": async () => message({}),
    "of another process": async () => {
      await ofRun("7").noteEngine?.(pid);
      return message({ pid: pid + 1 });
    },
    "of another machine": async () => {
      await ofRun("7").noteEngine?.(pid);
      return message({ host: "build-7" });
    },
    "from before the engine of that process id, and from long after it": async () => {
      await ofRun("7", -600_000).noteEngine?.(pid);
      await ofRun("7", 60_000).noteEngine?.(pid);
      return message({});
    },
    "beside one that nobody knows": async () => {
      await ofRun("7").noteEngine?.(pid);
      return message({}, { pid: pid + 1 });
    },
  };
  for (const [which, made] of Object.entries(kept)) {
    it(`a lock stays: ${which}`, async () => {
      const text = await made();
      assert.equal(await mayClearRemote(ofRun("8"), text), false);
    });
  }

  it("a lock stays: of an engine that lives on this machine, though its run has ended", async () => {
    const bin = mkdtempSync(join(tmpdir(), "engine-"));
    copyFileSync("/bin/sleep", join(bin, "pulumi"));
    const living = spawn(join(bin, "pulumi"), ["60"]);
    try {
      await ofRun("7").noteEngine?.(living.pid ?? 0);
      assert.equal(await mayClearRemote(ofRun("8"), message({ pid: living.pid ?? 0 })), false);
    } finally {
      living.kill("SIGKILL");
      rmSync(bin, { recursive: true });
    }
  });

  it("tell who holds it, and by which run", async () => {
    await ofRun("7").noteEngine?.(pid);
    const said = await describeHolders(ofRun("8"), message({}, { host: "build-7" }));
    const url = "https://github.example/acme/shop/actions/runs/7/attempts/1";
    assert.deepEqual(said, [
      `runner@${hostname()}, process ${pid}, since 2026-11-30T02:03:01Z, by ${url}, ended`,
      `runner@build-7, process ${pid}, since 2026-11-30T02:03:01Z`,
    ]);
  });

  it("are none where no run of GitHub Actions is, and a place that cannot be read knows none", async () => {
    const local = remoteRuns(notes, "prod/.locks/prod", { clock: { now: () => now } }, {});
    assert.equal(local.noteEngine, undefined);
    const broken: Notes = { write: notes.write, read: () => Promise.reject(new Error("AccessDenied")) };
    const blind = remoteRuns(broken, "prod/.locks/prod", { clock: { now: () => now } }, {});
    assert.equal(await mayClearRemote(blind, message({})), false);
  });
});
