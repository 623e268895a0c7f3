import { failure, type StrategyContext } from "../protocol";
import type { OverlapParameters } from "./parameters";

/** Where no lifetime is declared, a rotation so soon after the one before is warned of, in seconds. */
const undeclaredSeconds = 86_400;

/**
 * A rotation drops the previous key: what that has signed, up to the last rotation, has to have expired.
 *
 * @throws {GRACE_PERIOD} inside the declared lifetime, but in an emergency
 */
export function previousHasExpired(context: StrategyContext): void {
  const { rotatedAt, secret, emergency, ports, findings } = context;
  if (emergency || rotatedAt === undefined) return;
  const { tokenLifetime } = (secret.parameters ?? {}) as OverlapParameters;
  const until = new Date(rotatedAt.getTime() + (tokenLifetime ?? undeclaredSeconds) * 1000);
  if (until <= ports.clock.now()) return;
  const what = `rotated at ${rotatedAt.toISOString()}: what the key before has signed`;
  if (tokenLifetime === undefined) {
    findings.warn(
      `${what} is refused after this rotation. Where it is not to be, declare ${secret.kind}.tokenLifetime: then a run waits for its end`,
    );
    return;
  }
  const message = `${what} is valid until ${until.toISOString()}, and this rotation would have it refused`;
  throw failure(context, "check", "GRACE_PERIOD", message, {
    retryable: true,
    hint: `rotate after ${until.toISOString()}; what has leaked is rotated at once by --emergency, which has all tokens refused`,
  });
}
