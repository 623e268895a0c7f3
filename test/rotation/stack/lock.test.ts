import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { mayClear } from "../../../rotation/stack/lock";
import { OwnUpdates } from "../../../rotation/stack/ownUpdates";

describe("the lock of a dead engine", () => {
  let home: string;
  let own: OwnUpdates;
  /** A process that looks like an engine: its name begins with that. */
  let living: ChildProcess;
  const bin = mkdtempSync(join(tmpdir(), "living-"));
  before(() => {
    copyFileSync("/bin/sleep", join(bin, "pulumi"));
    living = spawn(join(bin, "pulumi"), ["60"]);
  });
  after(() => {
    living.kill("SIGKILL");
    rmSync(bin, { recursive: true });
  });
  const dead = spawnSync("true").pid;
  const now = Date.now();
  const notes = () => readdirSync(join(home, "updates"));
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "own-updates-"));
    own = new OwnUpdates(home, "org/dev");
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const lock = ({ pid = dead, host = hostname(), atMs = now + 1000 } = {}) =>
    `file:///locks/${pid}.json: created by runner@${host} (pid ${pid}) at ${new Date(atMs).toISOString().replace(/\.\d+/, "")}`;
  const message = (...locks: string[]) =>
    `error: the stack is currently locked by ${locks.length} lock(s). Either wait …\n  ${locks.join("\n  ")}\n`;

  it("is cleared where a note says that this driver's machine took it, and by one driver only", () => {
    own.begin(now);
    assert.equal(mayClear(own, message(lock())), true);
    assert.equal(mayClear(new OwnUpdates(home, "org/dev"), message(lock())), false);
  });

  it("is told twice by the Automation API's error, and is one", () => {
    own.begin(now);
    assert.equal(mayClear(own, message(lock()) + message(lock())), true);
  });

  const strangers: Record<string, () => string> = {
    "of a machine with the same name, where nothing was begun": () => message(lock()),
    "from before the driver's own update": () => {
      own.begin(now);
      return message(lock({ atMs: now - 60_000 }));
    },
    "from long after it": () => {
      own.begin(now);
      return message(lock({ atMs: now + 3_600_000 }));
    },
    "of a process that lives": () => {
      own.begin(now);
      return message(lock({ pid: living.pid ?? 0 }));
    },
    "of a machine with another name": () => {
      own.begin(now);
      return message(lock({ host: "build-7" }));
    },
    "of another stack": () => {
      new OwnUpdates(home, "org/prod").begin(now);
      own.refused(own.begin(now));
      return message(lock());
    },
    "beside one that cannot be read": () => {
      own.begin(now);
      return message(lock(), "s3://locks/x.json: created by CORP\\the user@build (pid 1) at 2026-11-24T03:00:00Z");
    },
    "of another start of the machine, or another container with the same files": () => {
      const { file } = own.begin(now);
      writeFileSync(file, "another");
      return message(lock());
    },
  };
  for (const [which, text] of Object.entries(strangers)) {
    it(`stays: ${which}`, () => assert.equal(mayClear(own, text()), false));
  }

  it("a note goes with the engine's end, and with it those of engines that died before", () => {
    own.begin(now - 10);
    const refused = own.begin(now);
    own.refused(refused);
    const later = own.begin(now + 20);
    own.ended(own.begin(now + 10));
    assert.deepEqual(notes(), [later.file.split("/").at(-1)]);
  });
});
