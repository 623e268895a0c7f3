import assert from "node:assert/strict";
import { createTokens } from "./tokens";

const activationSeconds = 10;

/** Two replicas that hear of new keys at different moments, and their clock. */
function replicas(first = { current: "k1", previous: "k0" }) {
  const clock = { ms: 1_700_000_000_000 };
  const keys = { signer: first, verifier: first };
  const tokensOf = (replica: "signer" | "verifier") =>
    createTokens(
      () => keys[replica],
      activationSeconds,
      () => clock.ms,
    );
  const signer = tokensOf("signer");
  const verifier = tokensOf("verifier");
  clock.ms += activationSeconds * 1_000;
  return { clock, keys, signer, verifier };
}

describe("tokens", () => {
  it("verify with the key that signed them", () => {
    const { signer, verifier } = replicas();
    assert.equal(verifier.verify(signer.issue("customer")), "customer");
  });

  it("verify after the rotation of their key, but not after the next one", () => {
    const { keys, signer, verifier } = replicas();
    const token = signer.issue("customer");
    keys.verifier = { current: "k2", previous: "k1" };
    assert.equal(verifier.verify(token), "customer");
    keys.verifier = { current: "k3", previous: "k2" };
    assert.equal(verifier.verify(token), undefined);
  });

  it("verify where the new key has not arrived yet", () => {
    const { clock, keys, signer, verifier } = replicas();
    keys.signer = { current: "k2", previous: "k1" };
    assert.equal(verifier.verify(signer.issue("customer")), "customer");
    clock.ms += activationSeconds * 1_000 - 1;
    assert.equal(verifier.verify(signer.issue("customer")), "customer");
  });

  it("are signed with the new key once every replica has had time to get it", () => {
    const { clock, keys, signer, verifier } = replicas();
    keys.signer = { current: "k2", previous: "k1" };
    signer.issue("customer");
    clock.ms += activationSeconds * 1_000;
    const token = signer.issue("customer");
    assert.equal(verifier.verify(token), undefined);
    keys.verifier = { current: "k2", previous: "" };
    assert.equal(verifier.verify(token), "customer");
  });

  it("are signed with the current key from the start where there is no previous one", () => {
    const tokens = createTokens(() => ({ current: "k1", previous: "" }), activationSeconds);
    assert.equal(tokens.verify(tokens.issue("customer")), "customer");
  });

  it("expire", () => {
    const { clock, signer } = replicas();
    const token = signer.issue("customer");
    clock.ms += 300_000;
    assert.equal(signer.verify(token), undefined);
  });

  for (const [what, change] of [
    ["other claims", (token: string) => token.replace(/\.\w+\./, ".eyJzdWIiOiJhZG1pbiIsImV4cCI6OTk5OTk5OTk5OX0.")],
    ["no signature", (token: string) => token.slice(0, token.lastIndexOf(".") + 1)],
    ["another signature", (token: string) => `${token}AAAA`],
    ["a fourth part", (token: string) => `${token}.`],
    ["nothing", () => ""],
  ] as const) {
    it(`are refused with ${what}`, () => {
      const { signer } = replicas();
      assert.equal(signer.verify(change(signer.issue("customer"))), undefined);
    });
  }

  it("are no signature of an empty key", () => {
    const forger = createTokens(() => ({ current: "", previous: "" }), 0);
    const tokens = createTokens(() => ({ current: "k1", previous: "" }), 0);
    assert.equal(tokens.verify(forger.issue("admin")), undefined);
  });
});
