import { z } from "zod";
import { jsonOrUndefined } from "../../json";
import { currentValue } from "../../ports/secretsManager";
import type { Step } from "../../steps";
import { generate } from "../common/generate";
import { failure, type StrategyContext } from "../protocol";
import { type Credential, RotatorError, type StepContext } from "./steps";
import type { AskContext } from "./stepsBy";

/** How long one step of a rotator may take, in seconds. */
export const stepSeconds = 60;
/** How long a step whose time is over may take to end what it has begun, e.g. a program of its own. */
const endSeconds = 5;

/**
 * Runs one step of a rotator, in bounded time.
 *
 * @throws {ROTATOR_FAILED} what it throws; of an error that might name a value only its class and code
 */
export async function guarded<T>(
  context: StrategyContext,
  step: Step,
  verb: string,
  work: (at: StepContext) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(stepSeconds * 1000);
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => undefined);
  const timer = setTimeout(() => reject(new RotatorError("late")), (stepSeconds + endSeconds) * 1000);
  try {
    return await Promise.race([work(stepContext(context, signal)), late]);
  } catch (error) {
    const failed = error instanceof RotatorError ? error.message : `failed: ${unsafe(error)}`;
    const said = signal.aborted ? `not done after ${stepSeconds} s` : failed;
    const message = `${verb} of kind ${context.secret.kind}: ${said}`;
    throw failure(context, step, "ROTATOR_FAILED", message, {
      retryable: true,
      hint: "see its target, or its code; then run the same command again",
    });
  } finally {
    clearTimeout(timer);
  }
}

/** An error whose text may hold a value: what it was, without that. */
function unsafe(error: unknown): string {
  if (!(error instanceof Error)) return "it threw what is no Error";
  const code =
    "code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(error.code)
      ? ` ${error.code}`
      : "";
  const name = /^[A-Za-z]{1,60}$/.test(error.name) ? error.name : "Error";
  return `${name}${code} (its text is not shown, since it might name a value: throw a RotatorError to say more)`;
}

function stepContext(context: StrategyContext, signal: AbortSignal): AskContext {
  const { secret, environment, arn, ports, emergency } = context;
  return {
    secret: secret.name,
    environment,
    arn,
    parameters: secret.parameters,
    emergency,
    ports: {
      childProcess: ports.childProcess,
      http: ports.http,
      // Loaded where they are asked for.
      get iam() {
        return ports.iam;
      },
      get sts() {
        return ports.sts;
      },
    },
    signal,
    now: ports.clock.now(),
    random: (length) => generate(ports.random, length),
    async read(name) {
      const refuse = (error: unknown) => {
        const what = error instanceof Error ? error.name : "unknown";
        throw new RotatorError(
          `the secret ${name} cannot be read (${what}): reads has to name it, and its role to be allowed`,
        );
      };
      const { value } = await currentValue(ports.secretsManager, name).catch(refuse);
      if (value === undefined) throw new RotatorError(`the secret ${name} has no current text`);
      return value;
    },
  };
}

/** The credential in a value; undefined: it has not all of the properties. */
export function credentialIn(value: string, properties: readonly string[]): Credential | undefined {
  const found = z.record(z.string(), z.unknown()).safeParse(jsonOrUndefined(value)).data;
  return found && complete(found, properties);
}

/** What has all of the properties, and no others; undefined: one is missing. */
export function complete(
  found: Readonly<Record<string, unknown>>,
  properties: readonly string[],
): Credential | undefined {
  const entries = properties.map((name) => [name, found[name]] as const);
  return entries.every((entry): entry is readonly [string, string] => typeof entry[1] === "string" && entry[1] !== "")
    ? Object.fromEntries(entries)
    : undefined;
}
