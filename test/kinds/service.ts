// A service with one secret of each kind beside those of the sample service, for tests that rotate them under load. It runs in
// the pods of manifests.ts: mounted files below etc/secrets, and what it has in its environment.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { importPKCS8, SignJWT } from "jose";
import { serveTls } from "../certificates/serveTls";
import { errorCode } from "../sampleService/service/errorCode";
import { readMountedSecret } from "../sampleService/service/mountedSecret";
import { required } from "../sampleService/service/settings";
import { createTokens } from "../sampleService/service/tokens";

const { env } = process;
const [podIp, issuerUrl] = [required(env, "POD_IP"), required(env, "ISSUER_URL")];
const [port, tlsPort] = [Number(required(env, "PORT")), Number(required(env, "TLS_PORT"))];
const tokenLifetimeSeconds = Number(required(env, "TOKEN_LIFETIME_SECONDS"));
const keyActivationSeconds = Number(required(env, "KEY_ACTIVATION_SECONDS"));
const lameduckMs = 5000;

const file = <Key extends string>(secret: string, ...keys: readonly Key[]) =>
  readMountedSecret(`etc/secrets/${secret}`, keys);
const state = { draining: false };
const jwt = createTokens(
  () => ({ current: required(env, "JWT_CURRENT"), previous: required(env, "JWT_PREVIOUS") }),
  keyActivationSeconds,
);

/** What the service is there for: its issuer's API, with its key. */
async function call(account: string, key: string): Promise<object> {
  const { status } = await fetch(`${issuerUrl}/accounts/${account}/use`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (status !== 200) throw Object.assign(new Error(), { code: `ISSUER_${status}` });
  return { called: account };
}

async function signed(): Promise<object> {
  const { kid, alg, "private.pem": pem } = file("tokens", "kid", "alg", "private.pem");
  const now = Math.floor(Date.now() / 1000);
  const token = new SignJWT().setProtectedHeader({ alg, kid }).setExpirationTime(now + tokenLifetimeSeconds);
  return { token: await token.sign(await importPKCS8(pem, alg)) };
}

const routes: Readonly<Record<string, (query: URLSearchParams) => object | Promise<object>>> = {
  "/healthz": () => {
    if (state.draining) throw Object.assign(new Error(), { code: "DRAINING" });
    return { status: "ready" };
  },
  "/acme": () => call("acme", file("acme", "key").key),
  "/acme/secondary": () => call("acme", file("acme", "keySecondary").keySecondary),
  "/mailer": () => call("mailer", required(env, "MAILER_KEY")),
  "/tokens": signed,
  "/jwks.json": () => JSON.parse(file("tokens", "jwks.json")["jwks.json"]) as object,
  "/jwt": () => ({ token: jwt.issue("customer") }),
  "/jwt/verify": (query) => {
    if (jwt.verify(query.get("token") ?? "") === undefined) throw Object.assign(new Error(), { code: "INVALID_TOKEN" });
    return { verified: true };
  },
};

const tlsServer = serveTls("etc/secrets/web-tls", tlsPort, podIp);
const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://service");
  const answer = async () => {
    const route = routes[url.pathname];
    if (!route) throw Object.assign(new Error(), { code: "NOT_FOUND" });
    return route(url.searchParams);
  };
  const send = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
  answer().then(
    (body) => send(200, body),
    (error: unknown) => send(500, { error: errorCode(error) }),
  );
});
tlsServer.once("listening", () => server.listen(port, podIp));

process.once("SIGTERM", async () => {
  state.draining = true;
  await delay(lameduckMs);
  tlsServer.close();
  server.close();
});
