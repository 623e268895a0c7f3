import { cycles, runCycles } from "../kinds/cycle";
import { type KindName, kindNames } from "../kinds/declared";
import { type KindsSite, startKinds } from "../kinds/site";
import type { Sandbox } from "../sandbox/sandbox";
import { share } from "../sandbox/shared";
import { type Column, textTable } from "./textTable";

/** One cycle of each secret: of the certificate the longer one, by which the CA is replaced. */
const shown = [...new Map(cycles.map((cycle) => [cycle.name, cycle])).values()];

interface Told {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Rotates one secret of each of the other kinds, all of them in the same runs, while their clients ask without a pause: a stack of
 * its own in the same sandbox.
 *
 * @returns how many of the clients' requests failed; none should
 */
export async function otherKinds(sandbox: Sandbox, { signal, say }: Told): Promise<number> {
  share(sandbox);
  const site = await startKinds("kinds");
  try {
    return await rotated(site, { signal, say });
  } finally {
    await site.close();
  }
}

async function rotated(site: KindsSite, { signal, say }: Told): Promise<number> {
  const runs: ReadonlyMap<KindName, string>[] = [];
  await runCycles(site, shown, signal, (outcomes) => {
    runs.push(outcomes);
    say(`  $ npm run rotate -- ${[...outcomes.keys()].join(" ")} --stack ${site.stack}`);
    say(`    ${[...outcomes].map(([name, outcome]) => `${name} ${outcome}`).join(", ")}`);
  });
  const counts = site.clients.counts();
  const failed = kindNames.flatMap((name) => counts.get(name)?.failed.map((text) => `${name}: ${text}`) ?? []);
  say(`\n${table(runs, (name) => counts.get(name))}\n`);
  for (const text of new Set(failed)) say(`  failed: ${text}`);
  say(
    failed.length === 0
      ? "No call with an API key, no TLS handshake (verified), no token that had not expired was refused."
      : `${failed.length} requests failed that should not have.`,
  );
  return failed.length;
}

type CountsOf = (name: KindName) => { readonly sent: number; readonly failed: readonly string[] } | undefined;

function table(runs: readonly ReadonlyMap<KindName, string>[], countsOf: CountsOf): string {
  const row = (label: string, cell: (name: KindName) => string) => [label, ...shown.map(({ name }) => cell(name))];
  const what = new Map(shown.map((cycle) => [cycle.name, cycle.what]));
  const rows = [
    row("secret", (name) => name),
    row("", (name) => what.get(name) ?? ""),
    ...runs.map((outcomes, i) => row(`run ${i + 1}`, (name) => outcomes.get(name) ?? "–")),
    row("requests sent", (name) => String(countsOf(name)?.sent ?? 0)),
    row("requests failed", (name) => String(countsOf(name)?.failed.length ?? 0)),
  ];
  const columns: Column[] = [{ width: 15 }, ...shown.map(() => ({ width: 16 }))];
  return textTable(columns, rows);
}
