import { exitCodes, withHint } from "../errors";
import { openPorts } from "../ports/openPorts";
import type { Output } from "../schemas/outputs";
import { openStack } from "../stack/openStack";
import { select } from "../status/select";
import { verify } from "../status/verification";
import type { AddCommand } from "./command";
import { jsonOption, stackOption } from "./options";

interface VerifyOptions {
  readonly stack: string;
  readonly json?: boolean;
}

export const addVerify: AddCommand = (program, { run }) => {
  program
    .command("verify")
    .description(
      "whether the consumers of secrets run with what is current in AWS; of those that AWS rotates, whether it did",
    )
    .argument("<names...>", "names as the stack declares them, without the environment")
    .addOption(stackOption())
    .addOption(jsonOption())
    .action((names, options) => run(verifyCommand(names, options)));
};

/** `npm run rotation -- verify`: from AWS to the pods, by looking alone. Exit code 1: something speaks against one of them. */
async function verifyCommand(names: readonly string[], options: VerifyOptions): Promise<number> {
  const { config } = await openStack(options.stack);
  const selected = select(config, { names, type: undefined, status: undefined });
  const ports = await openPorts(config);
  const secrets = await Promise.all(selected.map((secret) => verify(secret, config, ports)));
  const result: Output<"verify"> = { schemaVersion: 1, stack: config.stack, secrets };
  process.stdout.write(`${options.json ? JSON.stringify(result, undefined, 2) : text(result)}\n`);
  return secrets.every(({ verified }) => verified) ? exitCodes.done : exitCodes.failed;
}

function text({ secrets }: Output<"verify">): string {
  return secrets
    .flatMap(({ secret, verified, versionId, proved, problems }) => [
      `${secret}: ${verified ? "verified" : "not verified"}${versionId === undefined ? "" : ` (version ${versionId})`}`,
      ...proved.map((sentence) => `  ✔ ${sentence}`),
      ...problems.map(({ message, hint }) => `  ✖ ${withHint(message, hint).replaceAll("\n", "\n    ")}`),
    ])
    .join("\n");
}
