import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandLine } from "../../rotation/cli";
import { Interruption } from "../../rotation/interruption";
import { repository } from "../sandbox/paths";

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "infra/README.md",
  "rotation/README.md",
  "rotation/RUNBOOK.md",
  "rotation/THREATS.md",
  "rotation/report/README.md",
  "rotation/contract/README.md",
  "rotation/rotators/README.md",
  "policies/README.md",
];
const known = commandLine({ interruption: new Interruption(), run: async () => undefined });
const read = (file: string) => readFileSync(join(repository, file), "utf8");

/** Command lines of the driver: in backticks, or a line of an indented block. */
function commandsIn(text: string): string[] {
  const found = text.match(/npm run (?:rotate|rotation) --[^`#\n|]*/g) ?? [];
  return found.map((line) => line.trim().replace(/[.:,;)]+$/, ""));
}

/** What the command line says against it; undefined: nothing. */
function wrongIn(line: string): string | undefined {
  const [, , script, , ...rest] = line
    .replace(/"[^"]*"/g, "TEXT")
    .replace(/[[\]]/g, "")
    .split(/\s+/);
  const [name = "", ...words] = script === "rotate" ? ["rotate", ...rest] : rest;
  const command = known.commands.find((one) => one.name() === name);
  if (!command) return `${name} is no command`;
  const { registeredArguments: takes } = command;
  let given = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const option = command.options.find(({ long }) => long === word);
    if (word.startsWith("--") && !option) return `${name} has no option ${word}`;
    if (option?.required) i++;
    if (!option) given++;
  }
  return given > takes.length && !takes.at(-1)?.variadic ? `${name} takes fewer names` : undefined;
}

describe("the documents", () => {
  it("name no command and no option that there is not", () => {
    const wrong = documents.flatMap((file) =>
      commandsIn(read(file)).flatMap((line) => (wrongIn(line) ? [`${file}: ${line}: ${wrongIn(line)}`] : [])),
    );
    assert.deepEqual(wrong, []);
    const runbook = commandsIn(read("rotation/RUNBOOK.md"));
    assert.ok(runbook.length > 10, runbook.join("\n"));
  });

  it("are seen when they name one", () => {
    assert.equal(wrongIn("npm run rotation -- statuss --stack prod"), "statuss is no command");
    assert.equal(wrongIn("npm run rotate -- one --stak prod"), "rotate has no option --stak");
    assert.equal(wrongIn("npm run rotation -- backups one --stack prod"), "backups takes fewer names");
    assert.equal(wrongIn('npm run rotate -- one --reason "a --b" --stack prod'), undefined);
  });

  it("link to files that are there", () => {
    const missing = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].flatMap(([, target = ""]) =>
        existsSync(join(repository, dirname(file), target)) ? [] : [`${file}: ${target}`],
      ),
    );
    assert.deepEqual(missing, []);
  });
});
