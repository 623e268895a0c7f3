import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { Accounts, LimitError } from "./accounts";
import { type Fault, Faults, type Operation } from "./faults";
import { type Answer, asked, type Faulty, openaiAnswer, sendgridAnswer } from "./shapes";
import { type VerbRequest, verb } from "./verbs";

/**
 * A small issuer of API keys:
 *
 *     POST   /accounts/ACCOUNT/keys      {label} → 201 {id, key}; 409: there are two
 *     GET    /accounts/ACCOUNT/keys      → {keys: [{id, label, createdAt, lastUsedAt}]}
 *     DELETE /accounts/ACCOUNT/keys/ID   → 204, 404
 *     POST   /accounts/ACCOUNT/verify    {key} → {accepted}; counts as no use
 *     POST   /verbs                      the steps of a rotator, see rotation/rotators/README.md
 *     GET    /accounts/ACCOUNT/use       with a key → 200, 401
 *     …      /v1/…, /v3/…                the same keys in the shapes of OpenAI's and SendGrid's APIs, see shapes.ts
 *
 * All but the last two with the account's own token: `authorization: Bearer TOKEN`. For tests, without one:
 * `PUT /accounts/ACCOUNT` {token}, `POST /faults` (a Fault), `DELETE /faults`.
 */
export function issuer(): Server {
  const [accounts, faults] = [new Accounts(), new Faults()];
  return createServer((request, response) => {
    handle(request, accounts, faults).then(
      (answer) => (answer === "silent" ? undefined : send(response, answer)),
      () => response.destroy(),
    );
  });
}

async function handle(request: IncomingMessage, accounts: Accounts, faults: Faults): Promise<Answer | "silent"> {
  const body = await jsonOf(request);
  const given = asked(request, body);
  const { bearer } = given;
  const [area, account = "", what = "", id = ""] = given.path;
  const onDemand: Faulty = (operation, work) => faulty(operation, faults, work);
  if (area === "v1") return openaiAnswer(given, accounts, onDemand);
  if (area === "v3") return sendgridAnswer(given, accounts, onDemand);
  if (area === "faults") return control(request, body, faults);
  if (area === "accounts" && what === "" && request.method === "PUT") {
    accounts.open(account, String(body.token));
    return { status: 204 };
  }
  if (what === "use") return { status: accounts.use(account, bearer) ? 200 : 401 };
  if (area === "verbs") {
    const verbs = body as unknown as VerbRequest;
    if (!accounts.admits(verbs.parameters?.account ?? "", bearer)) return { status: 401 };
    return faulty("verbs", faults, () => ({ status: 200, body: verb(accounts, verbs) }));
  }
  if (!accounts.admits(account, bearer)) return { status: 401 };
  switch (`${request.method} ${what}`) {
    case "POST keys":
      return create(accounts, account, String(body.label ?? ""), faults);
    case "GET keys":
      return faulty("list", faults, () => ({ status: 200, body: { keys: accounts.list(account).map(withoutKey) } }));
    case "DELETE keys":
      return faulty("delete", faults, () => ({ status: accounts.delete(account, id) ? 204 : 404 }));
    case "POST verify":
      return faulty("verify", faults, () => ({
        status: 200,
        body: { accepted: accounts.accepts(account, String(body.key)) },
      }));
    default:
      return { status: 404 };
  }
}

function control({ method }: IncomingMessage, body: object, faults: Faults): Answer {
  if (method === "DELETE") faults.clear();
  else faults.add(body as Fault);
  return { status: 204 };
}

function create(accounts: Accounts, account: string, label: string, faults: Faults): Answer | "silent" {
  return faulty("create", faults, (fault) => {
    const newest = accounts.list(account).at(-1);
    if (fault?.fault === "sameKey" && newest) return { status: 201, body: { id: newest.id, key: newest.key } };
    try {
      const { id, key } = accounts.create(account, label, fault?.fault === "late" ? fault.seconds : 0);
      return { status: 201, body: fault?.fault === "noId" ? { key } : { id, key } };
    } catch (error) {
      if (error instanceof LimitError) return { status: 409 };
      throw error;
    }
  });
}

/** @param work  what the operation does; a fault that concerns its answer is left to it */
function faulty(operation: Operation, faults: Faults, work: (fault?: Fault) => Answer): Answer | "silent" {
  const fault = faults.take(operation);
  if (typeof fault?.fault === "number") return { status: fault.fault };
  if (fault?.fault === "silent") return "silent";
  const answer = work(fault);
  if (fault?.fault === "lost") throw new Error("lost");
  return fault?.fault === "html" ? { status: 200, body: "<html>Acme is being looked after</html>" } : answer;
}

function withoutKey({ id, label, createdAt, lastUsedAt }: ReturnType<Accounts["list"]>[number]) {
  return { id, label, createdAt, lastUsedAt };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const isPage = typeof body === "string";
  response.writeHead(status, { "content-type": isPage ? "text/html" : "application/json" });
  response.end(body === undefined ? undefined : isPage ? body : JSON.stringify(body));
}

async function jsonOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const said = await text(request);
  return said === "" ? {} : (JSON.parse(said) as Record<string, unknown>);
}
