import { z } from "zod";
import type { Verb } from "../../../infra/config/rotatorsSchema";
import { jsonOrUndefined } from "../../json";
import type { Ports } from "../../ports";
import { type Credential, RotatorError, type RotatorSteps, type StepContext } from "./steps";

/** What steps that come with the project have at hand beside: by it a program or an endpoint is asked, too. */
export interface AskContext extends StepContext {
  /** Of the Secret in Secrets Manager. */
  readonly arn: string;
  readonly ports: Pick<Ports, "childProcess" | "http" | "iam" | "sts">;
}

/**
 * Brings a request to whoever takes the steps.
 *
 * @param request  JSON, with values
 * @returns the answer, which should be JSON
 * @throws {RotatorError} where there is none, without quoting anything
 */
export type Ask = (at: AskContext, request: string) => Promise<string>;

const texts = z.record(z.string(), z.string());
/** By verb: what an answer has to be; other properties count for nothing. */
const answers = {
  check: z.object({}),
  issue: z.object({ credential: texts }),
  create: z.object({ credential: texts }),
  set: z.object({}),
  test: z.object({ verdict: z.enum(["accepted", "refused"]) }),
  revoke: z.object({}),
  find: z.object({ found: z.array(texts) }),
  lastUsed: z.object({ lastUsed: z.iso.datetime({ offset: true }).nullish() }),
} satisfies Record<Verb, z.ZodObject>;

const errorSchema = z.object({ error: z.string() });

interface Sent {
  readonly credential?: Credential | undefined;
  readonly current?: Credential | undefined;
  readonly known?: readonly Credential[] | undefined;
}

/** Steps that are taken elsewhere: one request and one answer each, see rotation/rotators/README.md. */
export function stepsBy(
  ask: Ask,
  { verbs, reads }: { verbs: readonly Verb[]; reads: readonly string[] },
): RotatorSteps & Required<Pick<RotatorSteps, "test">> {
  const asked = async <V extends Verb>(
    at: StepContext,
    verb: V,
    sent: Sent,
  ): Promise<z.output<(typeof answers)[V]>> => {
    const { secret, environment, parameters, emergency } = at;
    const read = Object.fromEntries(await Promise.all(reads.map(async (name) => [name, await at.read(name)] as const)));
    const head = { verb, secret, environment, parameters, emergency, now: at.now.toISOString() };
    const text = await ask(at as AskContext, JSON.stringify({ ...head, ...sent, read }));
    const answer = jsonOrUndefined(text);
    const said = errorSchema.safeParse(answer).data?.error;
    if (said !== undefined) throw new RotatorError(shown(said, valuesIn(sent, read)));
    const parsed = answers[verb].safeParse(answer);
    if (parsed.success) return parsed.data as z.output<(typeof answers)[V]>;
    const wanted = Object.keys(answers[verb].shape)[0];
    if (answer === undefined) throw new RotatorError("the answer is no JSON");
    throw new RotatorError(wanted ? `the answer has no ${wanted} as it should be` : "the answer is no JSON object");
  };
  const all: Required<RotatorSteps> = {
    check: async (at, current) => void (await asked(at, "check", { current })),
    issue: async (at, current) => (await asked(at, "issue", { current })).credential,
    create: async (at, current) => (await asked(at, "create", { current })).credential,
    set: async (at, credential, current) => void (await asked(at, "set", { credential, current })),
    test: async (at, credential) => (await asked(at, "test", { credential })).verdict,
    revoke: async (at, credential) => void (await asked(at, "revoke", { credential })),
    find: async (at, known) => (await asked(at, "find", { known })).found,
    async lastUsed(at, credential) {
      const { lastUsed } = await asked(at, "lastUsed", { credential });
      return lastUsed ? new Date(lastUsed) : undefined;
    },
  };
  const named = Object.fromEntries(verbs.map((verb) => [verb, all[verb]]));
  return { test: all.test, ...named };
}

/** Shorter ones are found in any sentence. */
const shortestValue = 6;

function valuesIn({ credential, current, known = [] }: Sent, read: Readonly<Record<string, string>>): string[] {
  const credentials = [credential ?? {}, current ?? {}, ...known].flatMap((one) => Object.values(one));
  const inJson = Object.values(read).flatMap((text) =>
    Object.values(texts.safeParse(jsonOrUndefined(text)).data ?? {}),
  );
  return [...credentials, ...Object.values(read), ...inJson].filter(({ length }) => length >= shortestValue);
}

/** One line of what it says; nothing where it names a value that it was sent. */
function shown(said: string, values: readonly string[]): string {
  if (values.some((value) => said.includes(value)))
    return "the answer is an error whose text names a value: it is not shown";
  const line = said.replace(/\p{Cc}+/gu, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
