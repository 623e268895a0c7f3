import assert from "node:assert/strict";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { select, whyNothing } from "../../../rotation/status/select";
import type { SecretStatus } from "../../../rotation/status/status";

const externalSecret = (target: string) => ({ target, keys: [{ key: "KEY" }], namespaces: ["shop"] });
const config = readStackConfig("dev", {
  "aws:region": "eu-west-1",
  "secret-rotation:secrets": [
    { name: "key", kind: "app", externalSecret: externalSecret("key") },
    { name: "jwt", kind: "jwt", externalSecret: externalSecret("jwt") },
    { name: "ssh", kind: "ssh-key" },
    { name: "cert", kind: "certificate", strategy: "manual", externalSecret: externalSecret("cert") },
  ],
});
const status = (secret: string, state: SecretStatus["state"]) => ({ secret, state, rotatable: true }) as SecretStatus;
const names = (selection: Partial<Parameters<typeof select>[1]>) =>
  select(config, { names: [], type: undefined, status: undefined, ...selection }).map(({ name }) => name);

describe("the selection of secrets", () => {
  it("takes what is named, once, in the stack's order", () => {
    assert.deepEqual(names({ names: ["jwt", "key", "jwt"] }), ["key", "jwt"]);
  });

  it("takes a type, without what is only watched", () => {
    assert.deepEqual(names({ type: "all" }), ["key", "jwt"]);
    assert.deepEqual(names({ type: "database" }), []);
  });

  it("takes what is due", () => {
    assert.deepEqual(names({ status: [status("key", "ok"), status("jwt", "never-rotated")] }), ["jwt"]);
    assert.deepEqual(names({ status: [status("key", "stale"), status("jwt", "interrupted")] }), ["key", "jwt"]);
    assert.deepEqual(names({ names: ["key"], status: [status("key", "ok"), status("jwt", "due")] }), []);
  });

  it("takes a watched one when it is named, so that its error says why", () => {
    assert.deepEqual(names({ names: ["ssh"] }), ["ssh"]);
  });

  it("names the one that was meant", () => {
    assert.throws(() => names({ names: ["jw"] }), /declares no jw; did you mean jwt\?/);
  });

  it("refuses an unknown name and says which there are", () => {
    assert.throws(() => names({ names: ["other"] }), /declares no other; declared: key, jwt, ssh, cert/);
  });

  it("says why a run takes nothing", () => {
    const nothing = { type: undefined, due: undefined, closed: undefined, selected: [] };
    assert.equal(whyNothing(config, { ...nothing, due: true }), "nothing is due");
    assert.equal(whyNothing(config, { ...nothing, type: "database" }), "nothing of type database is rotatable");
    assert.equal(
      whyNothing(config, { ...nothing, type: "certificates", due: true }),
      "nothing of type certificates is due; cert is only watched: it is renewed by hand",
    );
    const selected = config.secrets.slice(0, 2);
    assert.equal(
      whyNothing(config, { ...nothing, due: true, closed: "no window is open", selected }),
      "nothing is rotated: no window is open; due: key, jwt",
    );
    assert.equal(whyNothing(config, { ...nothing, selected }), undefined);
  });

  it("refuses to guess", () => {
    assert.throws(() => names({}), /say what to rotate/);
  });
});
