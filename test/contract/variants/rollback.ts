import { ask, password, verdictOn, wanted } from "../acme";

/** Takes no password that was in use before. */
export default password({
  async set(at, pending) {
    if ((await verdictOn(at, pending.password)) === "accepted") return;
    wanted(await ask(at, "PUT", "/password", { ...pending, once: "true" }), 204);
  },
});
