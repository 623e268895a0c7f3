import type { IncomingMessage } from "node:http";
import { type Accounts, type Key, LimitError } from "./accounts";
import type { Fault, Operation } from "./faults";

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** Does an operation, unless a fault is on it; one that concerns what is answered is handed over. */
export type Faulty = (operation: Operation, work: (fault?: Fault) => Answer) => Answer | "silent";

export interface Asked {
  readonly method: string;
  /** Decoded, without the first, empty one. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly bearer: string;
}

/** @param body  what was read of it */
export function asked(request: IncomingMessage, body: Record<string, unknown>): Asked {
  const url = new URL(request.url ?? "", "http://issuer");
  const path = url.pathname.split("/").slice(1).map(decodeURIComponent);
  const bearer = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
  return { method: request.method ?? "", path, query: url.searchParams, body, bearer };
}

/**
 * The same keys as OpenAI's administration API has them: an account is a project, whatever the service account is called.
 * A page has one key.
 *
 * @see https://developers.openai.com/api/reference/resources/admin/subresources/organization/subresources/projects/
 */
export function openaiAnswer({ method, path, query, body, bearer }: Asked, accounts: Accounts, faulty: Faulty) {
  const [, area, , project = "", what, id = ""] = path;
  if (area === "models") return faulty("verify", () => ({ status: accounts.withKey(bearer) ? 200 : 401, body: {} }));
  if (!accounts.admits(project, bearer)) return { status: 401 };
  if (method === "POST" && what === "service_accounts") {
    return made(accounts, project, String(body.name), faulty, ({ id, key, label }) => ({
      ...{ object: "organization.project.service_account.api_key", id, value: key, name: label, created_at: 1 },
    }));
  }
  if (method === "DELETE") {
    return faulty("delete", () => {
      const deleted = accounts.delete(project, id);
      const object = "organization.project.api_key.deleted";
      return deleted ? { status: 200, body: { object, id, deleted } } : { status: 404 };
    });
  }
  return faulty("list", () => {
    const keys = accounts.list(project);
    const from = keys.findIndex((key) => key.id === query.get("after")) + 1;
    const data = keys.slice(from, from + 1).map(({ id, label, lastUsedAt }) => ({
      ...{ object: "organization.project.api_key", id, name: label, redacted_value: "sk-…" },
      last_used_at: lastUsedAt === null ? null : Math.floor(new Date(lastUsedAt).getTime() / 1000),
    }));
    const last_id = data.at(-1)?.id ?? null;
    return { status: 200, body: { object: "list", data, last_id, has_more: from + 1 < keys.length } };
  });
}

/**
 * The same keys as SendGrid's API has them. Whose they are, the administrator's key says.
 *
 * @see https://www.twilio.com/docs/sendgrid/api-reference/api-keys
 */
export function sendgridAnswer({ method, path, body, bearer }: Asked, accounts: Accounts, faulty: Faulty) {
  const [, area, id = ""] = path;
  if (area === "scopes") {
    const scopes = { scopes: ["mail.send"] };
    return faulty("verify", () => (accounts.withKey(bearer) ? { status: 200, body: scopes } : { status: 401 }));
  }
  const account = accounts.withToken(bearer);
  if (account === undefined) return { status: 401 };
  if (method === "POST") {
    if (!Array.isArray(body.scopes)) return { status: 400 };
    return made(accounts, account, String(body.name), faulty, ({ id, key, label }) => ({
      ...{ api_key_id: id, api_key: key, name: label, scopes: body.scopes },
    }));
  }
  if (method === "DELETE") return faulty("delete", () => ({ status: accounts.delete(account, id) ? 204 : 404 }));
  const result = accounts.list(account).map(({ id, label }) => ({ api_key_id: id, name: label }));
  return faulty("list", () => ({ status: 200, body: { result } }));
}

function made(accounts: Accounts, account: string, label: string, faulty: Faulty, shown: (key: Key) => object) {
  return faulty("create", (fault) => {
    try {
      return { status: 201, body: shown(accounts.create(account, label, fault?.fault === "late" ? fault.seconds : 0)) };
    } catch (error) {
      if (error instanceof LimitError) return { status: 403 };
      throw error;
    }
  });
}
