import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { strategyOf } from "../../../../infra/config/rotator";
import { RotationError } from "../../../../rotation/errors";
import { childProcess } from "../../../../rotation/ports/childProcess";
import { http } from "../../../../rotation/ports/http";
import type { SecretsManager } from "../../../../rotation/ports/secretsManager";
import { builtIn } from "../../../../rotation/rotators";
import { ownRotators } from "../../../../rotation/rotators/own/ownRotators";
import type { RotationStrategy, StrategyContext } from "../../../../rotation/rotators/protocol";
import { context } from "../../context";

const credential = { id: "the-id-7", key: "the-key-of-acme" };
const value = JSON.stringify(credential);
const token = "the-token-of-the-account";
const said = {
  about: "a key",
  overlap: "two-live",
  properties: ["id", "key"],
  verbs: ["issue", "test", "revoke", "find", "lastUsed"],
  reads: ["prod/acme/admin"],
};
/** Secrets Manager with the account's token, and no version of the secret itself. */
const secretsManager = {
  async describe(name: string) {
    if (name === "prod/denied") throw Object.assign(new Error(token), { name: "AccessDeniedException" });
    const stages = name === "prod/acme/admin" ? { one: ["AWSCURRENT"] } : {};
    return { arn: "", createdAt: undefined, tags: {}, deletedAt: undefined, stages };
  },
  value: async (name: string) => (name === "prod/acme/admin" ? JSON.stringify({ token }) : undefined),
} as unknown as SecretsManager;

describe("steps that are taken elsewhere", function () {
  this.timeout(60_000);
  let folder: string;
  let server: Server;
  let url: string;
  /** What the endpoint answers. */
  let answer: { status: number; body: string };
  const asked: { headers: Record<string, unknown>; body: Record<string, unknown> }[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "steps-by-"));
    server = createServer((request, response) => {
      void text(request).then((body) => {
        asked.push({ headers: request.headers, body: JSON.parse(body) });
        response.writeHead(answer.status).end(answer.body);
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/verbs`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  function of(declared: object): { strategy: RotationStrategy; context: StrategyContext } {
    const { rotators, problems } = ownRotators({ acme: { ...said, ...declared } }, { folder, builtIn });
    assert.deepEqual(problems, []);
    const externalSecret = { target: "acme", keys: [{ key: "KEY", property: "key" }] };
    const secret = { name: "shop/acme", kind: "acme", acme: { account: "eu" }, externalSecret };
    const at = context(secret, { secretsManager, childProcess, http }, undefined, rotators);
    const strategy = strategyOf(rotators, at.secret);
    assert.ok("steps" in strategy);
    return { strategy: strategy.steps() as RotationStrategy, context: { ...at, environment: "prod" } };
  }
  const byScript = (script: string, args: string[] = []) => {
    writeFileSync(join(folder, "program"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "program"), 0o755);
    return of({ exec: ["./program", ...args] });
  };
  const byEndpoint = (status: number, body: string, more: object = {}) => {
    answer = { status, body };
    return of({ http: { url, ...more } });
  };
  /** Asks once, by a step that is not repeated. */
  const failureOf = async ({ strategy, context }: ReturnType<typeof of>) => {
    const error = await strategy.accepts(context, value).then(
      () => assert.fail("it should have failed"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof RotationError, String(error));
    assert.equal(error.code, "ROTATOR_FAILED");
    for (const one of [...Object.values(credential), token]) {
      assert.ok(!`${error.stack}${error.hint}${JSON.stringify(error)}`.includes(one), error.message);
    }
    return error.text;
  };

  it("a request has the verb, what it is about, and what the steps read; the answer is the step's", async () => {
    const { strategy, context } = byScript(`cat > request; echo '{"verdict": "accepted", "more": 1}'`, ["--eu"]);
    assert.equal(await strategy.accepts(context, value), true);
    const request = JSON.parse(readFileSync(join(folder, "request"), "utf8"));
    assert.deepEqual(request, {
      ...{ verb: "test", secret: "shop/acme", environment: "prod", parameters: { account: "eu" }, emergency: false },
      ...{ now: "2026-01-01T00:00:00.000Z", credential, read: { "prod/acme/admin": JSON.stringify({ token }) } },
    });
  });

  it("what an issuer has left is looked for with what is known, and the new credential is stored as JSON", async () => {
    const script = `case "$(cat)" in *'"verb":"find"'*) echo '{"found": [{"id": "left"}]}';;
      *'"verb":"revoke"'*) echo '{}'; echo x >> revoked;;
      *) echo '{"credential": {"id": "i", "key": "k", "more": "m"}}';; esac`;
    const { strategy, context } = byScript(script);
    assert.equal(await strategy.create(context, '{"note": "kept"}'), '{"note": "kept","id":"i","key":"k"}');
    assert.equal(readFileSync(join(folder, "revoked"), "utf8"), "x\n");
  });

  const cases: [string, string, RegExp][] = [
    [
      "fails",
      `echo ${token}; echo ${credential.key} >&2; exit 3`,
      /program ended with exit code 3 \(it wrote 1 lines? /,
    ],
    ["is killed", "kill -9 $$", /program ended with SIGKILL$/],
    ["says what is no JSON", `echo ${credential.key}`, /the answer is no JSON$/],
    ["says something else", `echo '{"verdict": "${credential.key}"}'`, /the answer has no verdict as it should be$/],
    ["says too much", "yes", /was ended, since its answer was longer than 1 MB/],
    ["says why", `printf '%s' '{"error": "Acme\\nanswers 500"}'`, /^test of kind acme: Acme answers 500$/],
    [
      "says why, and names what it was sent",
      `echo '{"error": "${credential.key} is refused"}'`,
      /names a value: it is not shown$/,
    ],
    [
      "says why, and names what it was given to read",
      `echo '{"error": "no ${token}"}'`,
      /names a value: it is not shown$/,
    ],
  ];
  for (const [what, script, says] of cases) {
    it(`a program that ${what} is a failure that names no value`, async () => {
      assert.match(await failureOf(byScript(script)), says);
    });
  }

  it("a program that is not there is a failure", async () => {
    assert.match(
      await failureOf(of({ exec: ["./gone"] })),
      /^test of kind acme: \.\/gone cannot be started \(ENOENT\)$/,
    );
    assert.match(await failureOf(of({ exec: ["no-such-program"] })), /no-such-program cannot be started \(ENOENT\)$/);
  });

  it("a secret that cannot be read is named, with what to do", async () => {
    const denied = of({ exec: ["true"], reads: ["prod/denied"] });
    assert.match(
      await failureOf(denied),
      /the secret prod\/denied cannot be read \(AccessDeniedException\): reads has to/,
    );
    const empty = of({ exec: ["true"], reads: ["prod/empty"] });
    assert.match(await failureOf(empty), /the secret prod\/empty has no current text$/);
  });

  it("an endpoint is asked the same, with headers from secrets", async () => {
    const headersFrom = {
      Authorization: { secret: "prod/acme/admin", property: "token", scheme: "Bearer" },
      "X-Whole": { secret: "prod/acme/admin" },
    };
    const { strategy, context } = byEndpoint(200, '{"verdict": "refused"}', { headersFrom });
    assert.equal(await strategy.accepts(context, value), false);
    const { headers, body } = asked.at(-1) ?? {};
    assert.deepEqual([headers?.authorization, headers?.["x-whole"]], [`Bearer ${token}`, JSON.stringify({ token })]);
    assert.deepEqual([body?.verb, body?.credential], ["test", credential]);
  });

  it("an endpoint that answers otherwise is a failure that names no value", async () => {
    assert.match(await failureOf(byEndpoint(500, credential.key)), /^test of kind acme: 127\.0\.0\.1:\d+ answers 500$/);
    assert.match(await failureOf(byEndpoint(200, `<p>${token}`)), /the answer is no JSON$/);
    assert.match(await failureOf(byEndpoint(200, "x".repeat((1 << 20) + 1))), /is longer than 1 MB$/);
    const missing = { Authorization: { secret: "prod/acme/admin", property: "tokn" } };
    assert.match(await failureOf(byEndpoint(200, "{}", { headersFrom: missing })), /has no text in its property tokn$/);
    const nowhere = of({ http: { url: "http://127.0.0.1:1/verbs" } });
    assert.match(await failureOf(nowhere), /127\.0\.0\.1:1 does not answer \([\w ]+\)$/);
  });
});
