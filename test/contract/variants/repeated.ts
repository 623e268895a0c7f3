import { ask, registered, wanted } from "../acme";

/** Fails where it is done already. */
export default registered({
  async set(at, pending) {
    wanted(await ask(at, "POST", "/keys", pending), 201);
  },
});
