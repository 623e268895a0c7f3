import { acme, ask, wanted } from "../acme";

/** Fails for a key that is gone. */
export default acme({
  async revoke(at, { id }) {
    wanted(await ask(at, "DELETE", `/keys/${id}`), 204);
  },
});
