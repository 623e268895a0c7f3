import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { repository } from "../sandbox/paths";

export const workflowFolder = join(repository, ".github/workflows");

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, unknown>>;
}

export interface Workflow {
  readonly on: {
    readonly schedule?: readonly { readonly cron: string }[];
    readonly workflow_dispatch?: { readonly inputs?: Readonly<Record<string, { readonly options?: string[] }>> };
  };
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[]; readonly if?: string }>>;
}

export function readWorkflow(file: string): Workflow {
  return load(readFileSync(join(workflowFolder, file), "utf8")) as Workflow;
}

export function stepsOf({ jobs }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

/**
 * The variables of a step as GitHub sets them.
 *
 * @param values  of the expressions, e.g. `{"github.event_name": "schedule"}`
 * @throws Error for an expression that has no value
 */
export function envOf({ env = {} }: Step, values: Readonly<Record<string, string>>): Record<string, string> {
  const evaluated = (text: string) =>
    text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
      const value = values[expression];
      if (value === undefined) throw new Error(`\${{ ${expression} }} has no value`);
      return value;
    });
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, evaluated(String(value))]));
}
