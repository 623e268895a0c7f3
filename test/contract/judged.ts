import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Output } from "../../rotation/schemas/outputs";
import { cli, type Finished } from "../integration/cli";

export interface Judged extends Finished {
  /** Undefined: the command has printed none. */
  readonly result: Output<"test-rotator"> | undefined;
}

interface Given {
  readonly parameters?: object;
  /** Values by the secret's name. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly more?: readonly string[];
}

/** The command's arguments for a rotator's module, and the files that they name, until `end`. */
export function argumentsFor(file: string, { parameters, secrets = {}, more = [] }: Given) {
  const folder = mkdtempSync(join(tmpdir(), "contract-"));
  const written = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const given = parameters ? ["--parameters", written("parameters.json", JSON.stringify(parameters))] : [];
  const values = Object.entries(secrets).flatMap(([name, text], i) => ["--secret", `${name}=${written(`${i}`, text)}`]);
  const args = ["test-rotator", file, ...given, ...values, ...more];
  return { folder, args, end: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs `test-rotator FILE --json`, in the folder of these tests' own process. */
export async function judged(file: string, given: Given = {}): Promise<Judged> {
  const { args, end } = argumentsFor(file, given);
  try {
    const finished = await cli(process.cwd(), ...args, "--json").finished;
    return { ...finished, result: finished.stdout ? JSON.parse(finished.stdout) : undefined };
  } finally {
    end();
  }
}

/** Names of the clauses with that result. */
export function those({ result }: Judged, which: Output<"test-rotator">["clauses"][number]["result"]): string[] {
  return result?.clauses.filter((one) => one.result === which).map(({ clause }) => clause) ?? [];
}
