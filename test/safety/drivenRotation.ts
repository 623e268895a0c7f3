// A rotation that stops at a point and waits there to be killed: a process of its own, started by startDriven. Writes
// `at the point` to stdout when all secrets that come there are there; whatever comes on stdin lets go of them. At its end it writes the
// run's result as the driver prints it, and ends with the driver's exit code.
import { writeSync } from "node:fs";
import { exitCodes } from "../../rotation/errors";
import { Interruption } from "../../rotation/interruption";
import { silent } from "../../rotation/observer";
import { realPorts } from "../../rotation/ports";
import { rotate } from "../../rotation/run/rotate";
import { openStack } from "../../rotation/stack/openStack";
import { select } from "../../rotation/status/select";
import { heldAt } from "./heldPorts";
import type { Point } from "./points";

export interface DrivenOptions {
  readonly project: string;
  readonly stack: string;
  /** Names of the secrets that it rotates; empty: all. */
  readonly names: readonly string[];
  /** Undefined: a run that nothing holds. */
  readonly point: Point | undefined;
  /** Names of those of them that come to the point. */
  readonly coming: readonly string[];
  /** Whether versions are written by an update of their own. */
  readonly versionsFirst?: boolean;
}

export const atThePoint = "at the point\n";

async function main({ project, stack, names, point, coming, versionsFirst }: DrivenOptions): Promise<number> {
  const open = await openStack(stack, project);
  const secrets = select(open.config, { names, type: names.length === 0 ? "all" : undefined, status: undefined });
  const released = new Promise<void>((resolve) => process.stdin.once("data", () => resolve()).unref());
  const real = { ports: realPorts(open.config), observer: silent };
  const held = point
    ? heldAt(point, real, { coming: new Set(coming), tell: () => writeSync(1, atThePoint), released })
    : real;
  const common = { interruption: new Interruption(), pack: undefined, versionsFirst };
  const result = await rotate({ open, secrets, ...held, ...common });
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
