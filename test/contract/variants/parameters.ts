import { z } from "zod";
import { defineRotator } from "../../../rotation/rotators/defineRotator";
import { definition, steps } from "../acme";

/** Lets a misspelt parameter pass. */
export default defineRotator({ ...definition, parameters: z.object({ url: z.url() }), steps });
