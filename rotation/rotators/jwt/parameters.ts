import { z } from "zod";
import { duration } from "../../../infra/config/duration";

/** The block of a kind whose key is kept as `previous`: `jwt`, and `app` with strategy simple-overlap. */
export const parameters = z.strictObject({
  tokenLifetime: duration({ min: "1s", max: "365d" })
    .optional()
    .describe(
      "simple-overlap: how long what the key has signed is valid at most (a token, a session's cookie): inside of it a second rotation is refused; without it that is only warned of, for a day",
    ),
});

export type OverlapParameters = z.output<typeof parameters>;
