import { acme } from "../acme";

/** Finds nothing. */
export default acme({ find: async () => [] });
