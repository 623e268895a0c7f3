import { RotationError } from "../errors";

/** The counter of this run's version had been used when its update began: somebody else has rotated the secret. */
export function superseded(secret: string): RotationError {
  return new RotationError("SUPERSEDED", { secret, step: "create" }, "another run rotated it in the meantime", {
    retryable: true,
    hint: "run the same command again where it is to be rotated once more",
  });
}
