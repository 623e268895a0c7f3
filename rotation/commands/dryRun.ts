import { namespacesOf } from "../../infra/config/rules";
import { awsConsumerTitle, workloadName } from "../../infra/names";
import { consumerUrn, externalSecretUrn, secretVersionUrn } from "../../infra/urns";
import { exitCodes, type RotationError, withHint } from "../errors";
import { silent } from "../observer";
import { impactOf, restartTitle } from "../plan/impact";
import { planAll } from "../plan/planAll";
import type { PlannedSecret } from "../plan/plannedSecret";
import { foreseen, previewRotation } from "../policy/previewRotation";
import { isMandatory } from "../policyError";
import { impactTable } from "../progress/impactTable";
import { newTable } from "../progress/table";
import { violationTable } from "../progress/violationTable";
import type { RotateRequest } from "../run/request";
import type { Output } from "../schemas/outputs";
import { shortVersion } from "../shortVersion";
import { throwIfCutOff } from "../stack/mend";

/** `rotate --dry-run`: checks everything and asks the engine by a real preview what it would do. Writes nothing. */
export async function dryRun(
  request: Omit<RotateRequest, "observer">,
  { json }: { readonly json?: boolean },
): Promise<number> {
  const { open, secrets, ports } = request;
  const recorded = await open.recorded();
  throwIfCutOff(open, recorded);
  const { plans, refused, findings, ofRun, stop } = await planAll(request, recorded, silent);
  const now = ports.clock.now().toISOString();
  const { touched, violations } = await request.interruption.during(
    () => process.stderr.write("interrupting\n"),
    () => previewRotation(foreseen(plans), { ...request, recorded, now }),
  );
  const impact = await impactOf(plans);
  const breaks = new Map(impact.map(({ secret, breaks }) => [secret, { breaks }]));
  const rows = secrets.map((secret) => {
    const plan = plans.find(({ context }) => context.secret === secret);
    return {
      secret: secret.name,
      checked: findings.get(secret.name)?.facts ?? [],
      warnings: findings.get(secret.name)?.warnings ?? [],
      ...breaks.get(secret.name),
      ...(plan ? whatHappens(plan, open.config.stack, touched) : refusal(refused.get(secret.name))),
    };
  });
  const run = { checked: ofRun.facts, warnings: ofRun.warnings, ...(stop && { refused: stop.message }) };
  const result: Output<"dry-run"> = { schemaVersion: 1, dryRun: true, ...run, secrets: rows, violations };
  process.stdout.write(`${json ? JSON.stringify(result, undefined, 2) : text(rows, run)}\n`);
  if (!json && impact.length > 0) process.stdout.write(`${impactTable(impact)}\n`);
  if (!json && violations.length > 0) process.stdout.write(`${violationTable(violations)}\n`);
  if (stop) return exitCodes.usage;
  if (violations.some(isMandatory)) return exitCodes.policy;
  return refused.size > 0 ? exitCodes.failed : exitCodes.done;
}

interface Checked {
  /** What was found to be as it should be; `unknown: …`: what could not be found out. */
  readonly checked: readonly string[];
  readonly warnings: readonly string[];
}

interface Row extends Checked {
  readonly secret: string;
  readonly mode?: PlannedSecret["mode"];
  readonly oldVersionId?: string | undefined;
  readonly writesVersion?: boolean;
  readonly syncs?: readonly string[];
  readonly restarts?: readonly string[];
  /** Of an emergency. */
  readonly breaks?: readonly string[];
  readonly refused?: string | undefined;
  /** What to do about that. */
  readonly hint?: string | undefined;
}

function refusal(error: RotationError | undefined): Pick<Row, "refused" | "hint"> {
  return { refused: error?.message, hint: error?.hint };
}

function whatHappens(
  { context, mode, oldVersionId }: PlannedSecret,
  stack: string,
  touched: ReadonlyMap<string, string>,
): Omit<Row, "secret" | "checked" | "warnings"> {
  const { secret } = context;
  const writesVersion = touched.has(secretVersionUrn(stack, secret.name));
  return {
    mode,
    oldVersionId,
    writesVersion,
    syncs: namespacesOf(secret).filter((ns) => touched.has(externalSecretUrn(stack, ns, secret.name))),
    restarts: [
      ...secret.consumers
        .filter((one) => touched.has(consumerUrn(stack, one)) || context.reloaded.has(workloadName(one)))
        .map((one) => restartTitle(context, one)),
      ...(mode === "retire" && !writesVersion ? [] : secret.awsConsumers.map(awsConsumerTitle)),
    ],
  };
}

const actions = {
  new: "write a new version",
  resume: "finish the interrupted rotation",
  rollback: "write the older value as a new version",
  restore: "write the backup's value as a new version",
  prepare: "write a new version that makes the next credential known",
  retire: "retire the older credential",
  follow: "bring AWS's version to the consumers",
} as const satisfies Record<PlannedSecret["mode"], string>;

function text(rows: readonly Row[], run: Checked & { readonly refused?: string }): string {
  const ofSecrets = rows.flatMap((row) => {
    const { secret, refused, hint } = row;
    const lines = [...notes(row), ...(refused ? [`refused: ${withHint(refused, hint)}`] : [])];
    return lines.length > 0 ? [secret, ...lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}`)] : [];
  });
  const refused = run.refused === undefined ? [] : [`refused: ${run.refused}`];
  return [...table(rows), ...ofSecrets, ...notes(run), ...refused, "nothing was changed"].join("\n");
}

function notes({ checked, warnings }: Checked): string[] {
  const facts = checked.map((fact) => (fact.startsWith("unknown: ") ? fact : `checked: ${fact}`));
  return [...facts, ...warnings.map((warning) => `warning: ${warning}`)];
}

function table(rows: readonly Row[]): string[] {
  const shown = newTable(["secret", "current", "would", "restarts"]);
  for (const { secret, mode, oldVersionId, writesVersion, breaks, restarts, refused } of rows) {
    const acts = writesVersion || mode === "resume" || mode === "retire" || mode === "follow";
    const action = mode && acts ? actions[mode] : "change nothing";
    const would = refused ? "be refused" : breaks ? `${action}, retire what is older` : action;
    shown.push([secret, shortVersion(oldVersionId), would, restarts?.join("\n") ?? ""]);
  }
  return rows.length > 0 ? [shown.toString()] : [];
}
