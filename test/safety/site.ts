import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { program } from "../../infra/program";
import { noRotation } from "../../infra/rotation";
import { Interruption } from "../../rotation/interruption";
import { silent } from "../../rotation/observer";
import type { Ports } from "../../rotation/ports";
import { openPorts } from "../../rotation/ports/openPorts";
import type { RunResult } from "../../rotation/result";
import { rotate } from "../../rotation/run/rotate";
import { openStack } from "../../rotation/stack/openStack";
import { ownProject, writeSettings } from "../bench/ownProject";
import { Stand, type StandOptions } from "../demo/stand";
import { SampleLoad } from "../sampleService/load";
import { sandboxPaths } from "../sandbox/paths";
import { type EndState, endState } from "./endState";
import { type HeldProviders, heldProviders } from "./heldProviders";
import { worldOf } from "./world";

/** A stand whose rotations are to be killed. */
export interface Site {
  readonly stand: Stand;
  readonly ports: Ports;
  readonly providers: HeldProviders;
  /** A load on the services, not yet started. */
  load(): SampleLoad;
  /** What a run that nobody disturbs ends in. */
  readonly undisturbed: EndState;
  /** A rotation of all secrets, in this process. */
  rotate(): Promise<RunResult>;
  /** A plain `pulumi up`, in this process. */
  up(): Promise<void>;
  /** `pulumi cancel`, where a killed engine has left its lock: the driver needs none, `pulumi up` does. */
  unlock(): Promise<void>;
  close(): Promise<void>;
}

/**
 * For a stand whose rotations are broken off and follow each other at once. Files are refreshed by restarts only, as within
 * the minute that a real kubelet takes: the services then get all keys at once. A single-user database may refuse logins
 * for long, and its services stay ready for all the rest that they do.
 */
export const disturbedStand = {
  env: { KUBELET_REFRESH_DELAY_MS: "120000" },
  services: { keyActivationSeconds: 5, unreadyAfterSeconds: 600, lameduckSeconds: 3 },
} satisfies Partial<StandOptions>;
const requestsPerSecond = 40;
const stack = "dev";

/** Starts a sandbox with a stand of its own. Until it is closed its variables are those of this process. */
export async function startSite(options: Pick<StandOptions, "signal"> = {}): Promise<Site> {
  const project = ownProject();
  writeSettings(project, stack);
  const stand = await Stand.populated({ ...options, ...disturbedStand, project, stack });
  const own = { ...process.env };
  Object.assign(process.env, stand.sandbox.env);
  const open = await openStack(stand.stack, stand.project);
  const { config } = open;
  const ports = await openPorts(config);
  const providers = await heldProviders(stand.sandbox);
  const run = () =>
    rotate({
      open,
      ports,
      secrets: config.secrets,
      observer: silent,
      interruption: new Interruption(),
      pack: undefined,
    });
  const before = await worldOf(stand, ports);
  const { secrets } = await run();
  assert.deepEqual(new Set(secrets.map(({ outcome }) => outcome)), new Set(["rotated"]));
  await stand.servicesReady();
  return {
    stand,
    ports,
    providers,
    load: () => new SampleLoad({ kubeconfig: stand.sandbox.env.KUBECONFIG ?? "", requestsPerSecond }),
    undisturbed: await endState(stand, before, await worldOf(stand, ports)),
    rotate: run,
    async up() {
      await open.stack.up({ program: () => program(config, noRotation(new Date().toISOString())) });
    },
    async unlock() {
      if (isLocked(stand)) await open.stack.cancel();
    },
    async close() {
      await providers.stop();
      for (const name of Object.keys(stand.sandbox.env)) delete process.env[name];
      Object.assign(process.env, own);
      await stand.stop();
      rmSync(project, { recursive: true, force: true });
    },
  };
}

function isLocked({ sandbox, stack }: Stand): boolean {
  const folder = join(sandboxPaths(sandbox.dir).pulumiState, ".pulumi", "locks");
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).some((file) => file.includes(`/${stack}/`));
}
