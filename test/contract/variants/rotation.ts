import { acme } from "../acme";

/** Gives a credential without its key. */
export default acme({ issue: async ({ random }) => ({ id: random(8) }), find: async () => [] });
