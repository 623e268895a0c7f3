import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { workloadName } from "../../infra/names";
import { steps } from "../../rotation/steps";
import type { LoadReport } from "../sampleService/load/report";
import type { RunReport } from "./driver";
import type { RoleRefusals } from "./refusals";
import { type Column, textTable } from "./textTable";
import { requestsOf } from "./verdict";
import type { Restart } from "./workloads";

export interface SummaryOptions {
  readonly secrets: readonly SecretDeclaration[];
  readonly report: RunReport;
  readonly load: LoadReport;
  readonly refusals: readonly RoleRefusals[];
  readonly restarts: readonly Restart[];
}

type Cell = (secret: SecretDeclaration) => string;

/** What the rotation did and what the traffic saw of it: a column for each secret, so that it fits into 100 characters. */
export function summary(options: SummaryOptions): string {
  const { secrets, load } = options;
  const total = (values: readonly number[]) => String(values.reduce((sum, value) => sum + value, 0));
  const row = (label: string, cell: Cell, all = "") => [label, ...secrets.map(cell), all];
  const requests = (which: "sent" | "failed") => (secret: SecretDeclaration) => {
    const own = requestsOf(secret.name, load);
    return own === undefined ? "–" : String(own[which]);
  };
  const rows = [
    ["secret", ...secrets.map(({ name }) => name), "all"],
    row("strategy", ({ strategy }) => strategy),
    ...stepRows(options),
    row("requests sent", requests("sent"), String(load.total.sent)),
    row("requests failed", requests("failed"), String(load.total.failed)),
    row("logins refused", refusedOf(options), total(options.refusals.map(({ afterwards }) => afterwards))),
    row("pods restarted", restartedOf(options), total(options.restarts.map(({ pods }) => pods))),
  ];
  const columns: Column[] = [
    { width: 15 },
    ...secrets.map(() => ({ width: Math.floor(74 / secrets.length) })),
    { width: 7 },
  ];
  return textTable(columns, rows);
}

function stepRows({ secrets, report }: SummaryOptions): string[][] {
  const seconds = new Map(report.secrets.map((secret) => [secret.secret, secret.seconds]));
  return steps.map((step) => {
    const cells = secrets.map(({ name }) => seconds.get(name)?.[step]?.toFixed(2) ?? "–");
    return [`${step} s`, ...cells, ""];
  });
}

function refusedOf({ refusals }: SummaryOptions): Cell {
  return ({ name }) => {
    const own = refusals.filter(({ secret }) => secret === name);
    return own.map(({ role, afterwards }) => `${role}: ${afterwards}`).join(", ") || "–";
  };
}

/** Of the secret's consumers: a rollout is shared by all secrets that rotate in one run. */
function restartedOf({ restarts }: SummaryOptions): Cell {
  return ({ consumers }) => {
    const own = restarts.filter(({ name }) => consumers.some((consumer) => consumer.name === name));
    return String(own.reduce((sum, { pods }) => sum + pods, 0));
  };
}

/** By workload: how many rollouts it went through. */
export function rolloutsText(secrets: readonly SecretDeclaration[], restarts: readonly Restart[]): string {
  const names = new Map(secrets.flatMap(({ consumers }) => consumers.map((c) => [c.name, workloadName(c)])));
  return restarts.map(({ name, rollouts }) => `${names.get(name) ?? name} ${rollouts}`).join(", ");
}
