import { acme } from "../acme";

/** Does nothing. */
export default acme({ revoke: async () => undefined });
