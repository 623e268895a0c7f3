// A rotation that stops at a point and waits there to be killed: a process of its own, started by startDriven. Writes
// `at the point` to stdout when all secrets are there; whatever comes on stdin lets go of them. At its end it writes the
// run's result as the driver prints it, and ends with the driver's exit code.
import { writeSync } from "node:fs";
import { exitCodes } from "../../rotation/errors";
import { realPorts } from "../../rotation/ports";
import { Interruption } from "../../rotation/run/interruption";
import { silent } from "../../rotation/run/observer";
import { rotate } from "../../rotation/run/rotate";
import { openStack } from "../../rotation/stack/openStack";
import { select } from "../../rotation/status/select";
import { heldAt } from "./heldPorts";
import type { Point } from "./points";

export interface DrivenOptions {
  readonly project: string;
  readonly stack: string;
  /** Undefined: a run that nothing holds. */
  readonly point: Point | undefined;
}

export const atThePoint = "at the point\n";

async function main({ project, stack, point }: DrivenOptions): Promise<number> {
  const open = await openStack(stack, project);
  const secrets = select(open.config, { names: [], type: "all", status: undefined });
  const released = new Promise<void>((resolve) => process.stdin.once("data", () => resolve()).unref());
  const real = { ports: realPorts(open.config), observer: silent };
  const held = point
    ? heldAt(point, real, { count: secrets.length, tell: () => writeSync(1, atThePoint), released })
    : real;
  const result = await rotate({ open, secrets, ...held, interruption: new Interruption(), pack: undefined });
  // The message of an error is none of its enumerable properties.
  const told = result.secrets.map(({ error, ...secret }) => ({
    ...secret,
    error: error && { ...error, message: error.message },
  }));
  writeSync(1, `${JSON.stringify({ secrets: told })}\n`);
  return result.secrets.some(({ error }) => error) ? exitCodes.failed : exitCodes.done;
}

if (require.main === module) {
  void main(JSON.parse(process.argv[2] ?? "")).then(
    (exitCode) => process.exit(exitCode),
    (error: unknown) => {
      console.error(error);
      process.exit(99);
    },
  );
}
