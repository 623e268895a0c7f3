import { Option } from "commander";
import { type Field, fieldsOf, jsonSchemaOf } from "../../infra/config/fields";
import type { Rotator, Rotators } from "../../infra/config/rotator";
import { exitCodes, UsageError } from "../errors";
import { newTable } from "../progress/table";
import { builtIn } from "../rotators";
import type { Output } from "../schemas/outputs";
import { openStack } from "../stack/openStack";
import type { AddCommand } from "./command";
import { jsonOption } from "./options";

interface KindsOptions {
  readonly stack?: string;
  readonly json?: boolean;
}

export const addKinds: AddCommand = (program, { run }) => {
  program
    .command("kinds")
    .description("the kinds of secret, and what a declaration of one has")
    .argument("[name]", "one kind: its fields")
    .addOption(new Option("--stack <stack>", "a Pulumi stack, for the kinds that it has of its own"))
    .addOption(jsonOption())
    .action((name, options) => run(kindsCommand(name, options)));
};

/** `npm run rotation -- kinds`. */
async function kindsCommand(name: string | undefined, { stack, json }: KindsOptions): Promise<number> {
  const rotators = stack === undefined ? builtIn : (await openStack(stack)).config.rotators;
  const one = name === undefined ? undefined : rotators.get(name);
  if (name !== undefined && !one) {
    const own = stack === undefined ? " (with --stack those of a stack's own too)" : "";
    throw new UsageError(`there is no kind ${name}: choose from ${[...rotators.keys()].join(", ")}${own}`);
  }
  const shown = one ? [one] : [...rotators.values()];
  const text = json ? JSON.stringify(result(shown), undefined, 2) : one ? kindText(one) : kindsTable(rotators);
  process.stdout.write(`${text}\n`);
  return exitCodes.done;
}

function result(rotators: readonly Rotator[]): Output<"kinds"> {
  const kinds = rotators.map(({ kind, about, type, maxAgeDays, parameters, strategies }) => ({
    ...{ kind, about, type, maxAgeDays },
    strategies: Object.entries(strategies).map(([name, one]) => ({ name, about: one.about, rotates: "steps" in one })),
    ...(parameters && { parameters: jsonSchemaOf(parameters) as Record<string, unknown> }),
  }));
  return { schemaVersion: 1, kinds };
}

function kindsTable(rotators: Rotators): string {
  const table = newTable(["kind", "strategy", "limit d", "what a rotation does"], {
    colWidths: [null, null, null, 90],
  });
  for (const { kind, maxAgeDays, strategies } of rotators.values()) {
    for (const [i, [name, { about }]] of Object.entries(strategies).entries()) {
      table.push(i === 0 ? [kind, name, maxAgeDays, about] : ["", name, "", about]);
    }
  }
  return table.toString();
}

function kindText({ kind, about, type, maxAgeDays, parameters, strategies }: Rotator): string {
  const names = Object.entries(strategies).map(
    ([name, one], i) => `  ${name}${i === 0 ? " (default)" : ""}: ${one.about}`,
  );
  const head = [`${kind}: ${about}`, `stale after ${maxAgeDays} days; --type ${type}`, "strategies:", ...names];
  if (!parameters) return [...head, "no fields of its own"].join("\n");
  return [...head, `fields of the block ${kind}:`, fieldTable(fieldsOf(parameters))].join("\n");
}

function fieldTable(fields: readonly Field[]): string {
  const table = newTable(["field", "takes", "default", "meaning"], { colWidths: [null, 30, 20, 70] });
  for (const { name, takes, required, meaning, default: byDefault } of fields) {
    table.push([name, takes, byDefault ?? (required ? "needed" : "–"), meaning]);
  }
  return table.toString();
}
