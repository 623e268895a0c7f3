import { defineRotator } from "../../../rotation/rotators/defineRotator";
import { definition, steps } from "../acme";

const { revoke: _, ...rest } = steps;

/** Keeps two, and cannot revoke. */
export default defineRotator({ ...definition, steps: rest });
