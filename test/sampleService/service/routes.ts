import type { RequestListener } from "node:http";
import type { Pool } from "pg";
import { errorCode } from "./errorCode";
import type { DatabaseName, SecretSource } from "./secretSource";
import type { Tokens } from "./tokens";

export interface Service {
  readonly secrets: SecretSource;
  readonly pools: Readonly<Record<DatabaseName, Pool>>;
  readonly tokens: Tokens;
  readonly state: { readonly draining: boolean };
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const queries = {
  orders: "SELECT current_user AS role, count(*)::int AS orders FROM orders.orders",
  reports: "SELECT current_user AS role, count(*)::int AS days FROM reports.daily",
} satisfies Record<DatabaseName, string>;

/** Answers the service's requests. A request that fails is a 500 with the error's code. */
export function requestHandler(service: Service): RequestListener {
  return (request, response) => {
    void safeAnswer(service, request.url ?? "/").then(({ status, body }) => {
      // Tells the client to go elsewhere, with an answer in its hands and no request under way.
      if (service.state.draining) response.setHeader("connection", "close");
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  };
}

async function safeAnswer(service: Service, target: string): Promise<Answer> {
  try {
    return await answer(service, new URL(target, "http://service"));
  } catch (error) {
    console.error(`${target.split("?")[0]}: ${errorCode(error)}`); // without the query: it may hold a token
    return { status: 500, body: { error: errorCode(error) } };
  }
}

async function answer(service: Service, url: URL): Promise<Answer> {
  switch (url.pathname) {
    case "/healthz":
      return readiness(service);
    case "/query/orders":
      return { status: 200, body: await query(service, "orders") };
    case "/query/reports":
      return { status: 200, body: await query(service, "reports") };
    case "/token":
      return { status: 200, body: { token: service.tokens.issue("customer") } };
    case "/verify": {
      const subject = service.tokens.verify(url.searchParams.get("token") ?? "");
      return subject === undefined
        ? { status: 401, body: { error: "INVALID_TOKEN" } }
        : { status: 200, body: { subject } };
    }
    default:
      return { status: 404, body: { error: "NOT_FOUND" } };
  }
}

async function query(service: Service, name: DatabaseName): Promise<object> {
  const { rows } = await service.pools[name].query<object>(queries[name]);
  return rows[0] ?? {};
}

/** Ready: not on the way out, both databases answer, the keys are there. */
async function readiness(service: Service): Promise<Answer> {
  if (service.state.draining) return { status: 503, body: { error: "DRAINING" } };
  try {
    await Promise.all([query(service, "orders"), query(service, "reports")]);
    const keys = [service.secrets.sessionKey(), service.secrets.jwtKeys().current];
    return keys.includes("")
      ? { status: 503, body: { error: "EMPTY_KEY" } }
      : { status: 200, body: { status: "ready" } };
  } catch (error) {
    return { status: 503, body: { error: errorCode(error) } };
  }
}
