import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseSecret } from "../../../../infra/config/parseSecret";
import { consumerKinds } from "../../../../rotation/consumers";
import { http } from "../../../../rotation/ports/http";
import { builtIn } from "../../../../rotation/rotators";
import { steps } from "../../../../rotation/rotators/apiKey/steps";
import { guarded } from "../../../../rotation/rotators/own/guarded";
import type { Credential, RotatorSteps } from "../../../../rotation/rotators/own/steps";
import type { StrategyContext } from "../../../../rotation/rotators/protocol";
import { declaredIssuers } from "../../../issuer/declared";
import type { Fault } from "../../../issuer/faults";
import { issuer } from "../../../issuer/server";
import { context } from "../../context";
import { type Asked, account, admin, askAt, token, withToken } from "./account";

const shapes = ["http", "openai", "sendgrid"] as const;
const marker = "dev/shop/acme-AbCdEf";

describe("an issuer of API keys by HTTP", function () {
  this.timeout(60_000);
  let server: Server;
  let url: string;
  const ask = (...args: Asked) => askAt(url, ...args);
  const listed = async () => {
    const { keys } = (await (await ask("GET", `/accounts/${account}/keys`)).json()) as {
      keys: { id: string; label: string }[];
    };
    return keys;
  };
  const fault = (one: Fault) => ask("POST", "/faults", one);
  const at = (parameters: object, emergency = false): StrategyContext => {
    const externalSecret = { target: "acme", keys: [{ key: "KEY", property: "key" }] };
    const declared = { name: "shop/acme", kind: "api-key", externalSecret, "api-key": parameters };
    return { ...context(declared, { http, secretsManager: withToken }), emergency };
  };
  const of = (shape: (typeof shapes)[number]) => at({ issuer: declaredIssuers(url, account, admin)[shape] });
  const step = <V extends keyof RotatorSteps>(of: StrategyContext, verb: V, ...args: unknown[]) =>
    guarded(of, "check", verb, async (one) =>
      (steps[verb] as (...all: unknown[]) => unknown)(one, ...args),
    ) as ReturnType<NonNullable<RotatorSteps[V]>>;
  const issue = (one: StrategyContext, current?: Credential) => step(one, "issue", current) as Promise<Credential>;

  beforeEach(async () => {
    server = issuer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await ask("PUT", `/accounts/${account}`, { token });
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  for (const shape of shapes) {
    it(`that speaks as ${shape} makes a key, accepts it, lists it by its name, and refuses it when it was deleted`, async () => {
      const here = of(shape);
      await step(here, "check", undefined);
      const [one, other] = [await issue(here), await issue(here)];
      assert.deepEqual(Object.keys(one), ["id", "key"]);
      assert.deepEqual(
        (await listed()).map(({ id, label }) => [id, label]),
        [
          [one.id, marker],
          [other.id, marker],
        ],
      );
      assert.deepEqual(await step(here, "find", [one]), [{ id: other.id }]);
      assert.equal(await step(here, "test", other), "accepted");
      await step(here, "revoke", other);
      await step(here, "revoke", other);
      assert.equal(await step(here, "test", other), "refused");
      assert.equal(await step(here, "test", one), "accepted");
      assert.deepEqual(await step(here, "find", [one]), []);
    });
  }

  it("keeps what others have called otherwise", async () => {
    await ask("POST", `/accounts/${account}/keys`, { label: "dev/shop/acme" });
    for (const shape of shapes) assert.deepEqual(await step(of(shape), "find", []), []);
  });

  it("says when a key was used, where it tells", async () => {
    const key = await issue(of("http"));
    assert.equal(await step(of("http"), "lastUsed", key), undefined);
    const before = Math.floor(Date.now() / 1000) * 1000;
    await ask("GET", `/accounts/${account}/use`, undefined, key.key);
    for (const shape of ["http", "openai"] as const) {
      const used = await step(of(shape), "lastUsed", key);
      assert.ok(used && used.getTime() >= before && used.getTime() <= Date.now(), shape);
    }
    assert.equal(await step(of("sendgrid"), "lastUsed", key), undefined);
  });

  for (const [one, says] of [
    [500, /issue of kind api-key: 127\.0\.0\.1:\d+ answers 500: create a key$/],
    [429, /answers 429 \(too many requests: wait a while\): create a key$/],
    ["html", /what 127\.0\.0\.1:\d+ answers is no JSON: create a key$/],
    ["noId", /the new key of 127\.0\.0\.1:\d+ has no id at "\/id"$/],
    ["sameKey", /gave the current key once more$/],
    ["lost", /127\.0\.0\.1:\d+ does not answer \(UND_ERR_SOCKET\): create a key$/],
  ] as const) {
    it(`that answers with ${one}: a clear error without a value, and the next one is made`, async () => {
      const here = of("http");
      const current = await issue(here);
      await fault({ operation: "create", fault: one, times: 1 });
      const failed = await issue(here, current).then(
        () => assert.fail("it has made one"),
        (error: Error) => error.message,
      );
      assert.match(failed, says);
      assert.ok(!failed.includes(current.key ?? "") && !failed.includes(token));
      assert.equal(await step(here, "test", current), "accepted");
      for (const left of await step(here, "find", [current])) await step(here, "revoke", left);
      const next = await issue(here, current);
      assert.deepEqual(
        (await listed()).map(({ id }) => id),
        [current.id, next.id],
      );
    });
  }

  it("that cannot tell whether a key is accepted is not taken for one that refuses it", async () => {
    for (const shape of shapes) {
      for (const one of [500, 429] as const) {
        await fault({ operation: "verify", fault: one, times: 1 });
        await assert.rejects(
          step(of(shape), "test", { id: "1", key: "k" }),
          /answers (500|429).*: verify a key/,
          shape,
        );
      }
    }
    await fault({ operation: "verify", fault: "html", times: 1 });
    await assert.rejects(step(of("http"), "test", { id: "1", key: "k" }), /is no JSON: verify a key/);
  });

  it("with a list that is none, or a wrong administrator's key, is refused at the check", async () => {
    await fault({ operation: "list", fault: "html", times: 1 });
    await assert.rejects(step(of("openai"), "check", undefined), /is no JSON: list the keys/);
    await ask("PUT", `/accounts/${account}`, { token: "another" });
    await assert.rejects(step(of("http"), "check", undefined), /answers 401 \(the administrator's key may be wrong/);
  });

  describe("whose keys have no names", () => {
    const declared = () => {
      const { http: acme } = declaredIssuers(url, account, admin).http;
      const { name: _, ...list } = acme.list;
      return { issuer: { http: { ...acme, list: { ...list, dedicated: true } } } };
    };

    it("has left what no version of the secret holds", async () => {
      const [one, other] = [await issue(at(declared())), await issue(at(declared()))];
      assert.deepEqual(await step(at(declared()), "find", [one]), [{ id: other.id }]);
    });

    it("a key that somebody uses is not deleted, but in an emergency", async () => {
      const key = await issue(at(declared()));
      await ask("GET", `/accounts/${account}/use`, undefined, key.key);
      const says = new RegExp(`has a key that the secret does not hold, and that was used at .*Z \\(${key.id}\\)`);
      await assert.rejects(step(at(declared()), "find", []), says);
      assert.deepEqual(await step(at(declared(), true), "find", []), [{ id: key.id }]);
    });
  });

  it("that shows a key again has it used in place of a new one", async () => {
    const { http: acme } = declaredIssuers(url, account, admin).http;
    const shown = { issuer: { http: { ...acme, list: { ...acme.list, key: "/label" } } } };
    const { id } = await issue(at(shown));
    assert.deepEqual(await step(at(shown), "find", []), [{ id, key: marker }]);
  });
});

describe("a declaration of API keys", () => {
  const problems = (parameters: unknown, more: object = {}) => {
    const externalSecret = { target: "acme", keys: [{ key: "KEY", property: "key" }], namespaces: ["shop"] };
    const declared = { name: "acme", kind: "api-key", externalSecret, ...more };
    const raw = parameters === undefined ? declared : { ...declared, "api-key": parameters };
    return parseSecret(raw, { rotators: builtIn, consumerKinds }, "secrets[0]").problems.map(
      ({ path, message }) => `${path}: ${message}`,
    );
  };
  const acme = declaredIssuers("https://api.acme.example", account, admin).http.http;

  it("needs an issuer, unless nobody but people rotates it", () => {
    assert.deepEqual(problems(undefined), [
      "secrets[0].api-key: is needed for kind api-key: issuer; or say strategy: manual, and only its age is watched",
    ]);
    assert.deepEqual(problems(undefined, { strategy: "manual" }), []);
    assert.deepEqual(problems(undefined, { strategy: "native" }), []);
    assert.deepEqual(problems({ issuer: {} }), [
      "secrets[0].api-key.issuer: must have one of http, openai, sendgrid, iam, has none",
    ]);
    assert.deepEqual(problems({ issuer: { iam: { user: "a" }, http: acme } }), [
      "secrets[0].api-key.issuer: must have one of http, openai, sendgrid, iam, has http and iam",
    ]);
  });

  it("is told all that is wrong with it, with its path", () => {
    const at = "secrets[0].api-key.issuer.http";
    const wrong = {
      ...acme,
      url: "http://api.acme.example",
      create: { ...acme.create, body: { label: "{nmae}" }, key: "key" },
      list: { path: "/keys", id: "/id" },
      delete: { path: "keys/{id}" },
    };
    assert.deepEqual(problems({ issuer: { http: wrong } }), [
      `${at}.url: must be https:// (http:// on localhost alone)`,
      `${at}.create.body: {nmae} stands for nothing here: choose from {name}`,
      `${at}.create.key: must be a JSON pointer, e.g. /id or /api_key/value`,
      `${at}.list: needs name, which tells whose a key is; or dedicated: true, where all that are listed belong to this secret alone`,
      `${at}.delete.path: must begin with /: it is put behind the url`,
    ]);
    assert.deepEqual(problems({ issuer: { sendgrid: { admin, scopes: [] } } }), [
      "secrets[0].api-key.issuer.sendgrid.scopes: name at least one, e.g. mail.send: SendGrid takes none for full access",
    ]);
  });
});
