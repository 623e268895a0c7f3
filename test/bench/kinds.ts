import { cycles, runCycles } from "../kinds/cycle";
import { type KindName, kindNames } from "../kinds/declared";
import { type KindsSite, startKinds } from "../kinds/site";
import { endSharedSandbox } from "../sandbox/shared";
import type { BenchContext, Benchmark, Figure } from "./benchmark";

export const benchmark: Benchmark = {
  name: "kinds",
  title: "A whole rotation of each kind of secret, phase by phase, under load",
  timeoutSeconds: 600,
  usesStand: false,
  run: (context) => inSharedSandbox(() => run(context)),
};

async function run({ say, remark, signal }: BenchContext): Promise<Figure[]> {
  const site = await startKinds("kinds");
  try {
    return await measured(site, say, remark, signal);
  } finally {
    await site.close();
  }
}

/** In the sandbox that tests of one process share; it ends then, and its variables are this process's no more. */
export async function inSharedSandbox<T>(work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  try {
    return await work();
  } finally {
    await endSharedSandbox();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

async function measured(
  site: KindsSite,
  say: BenchContext["say"],
  remark: BenchContext["remark"],
  signal: AbortSignal,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const { clients } = site;
  for (const cycle of cycles) {
    signal.throwIfAborted();
    const [before, startedAt] = [clients.counts(), Date.now()];
    await runCycles(site, [cycle], signal);
    const after = clients.counts();
    const since = (name: KindName) => {
      const [then, now] = [before.get(name), after.get(name)];
      return { sent: (now?.sent ?? 0) - (then?.sent ?? 0), failed: now?.failed.slice(then?.failed.length) ?? [] };
    };
    const { sent, failed } = since(cycle.name);
    say(`${cycle.what}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    for (const name of kindNames) {
      const texts = new Set(since(name).failed);
      for (const text of texts) remark(`${cycle.what}: failed: ${name}: ${text}`);
    }
    const others = kindNames.filter((name) => name !== cycle.name).flatMap((name) => since(name).failed).length;
    const runs = `${cycle.outcomes.length} ${cycle.outcomes.length === 1 ? "run" : "runs"}`;
    figures.push({
      what: `${cycle.what} (${runs}): requests failed, of its own and of the other kinds`,
      measured: `${failed.length} of ${sent}, ${others}`,
      target: "0, 0",
      met: failed.length + others === 0 && sent > 0,
    });
  }
  remark(
    "API keys: calls of the service with its key. Certificates: TLS handshakes that verify by the bundle of the run before.",
  );
  remark(
    "Signing keys and jwt: tokens of any time that have not expired, verified; a verifier keeps the public set for the cache time.",
  );
  return figures;
}
