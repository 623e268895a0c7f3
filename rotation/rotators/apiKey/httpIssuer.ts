import { RotatorError } from "../own/steps";
import type { AskContext } from "../own/stepsBy";
import { adminHeaders, ask, type Call, documentIn, isHeaderValue, isSuccess, unexpected } from "./httpCalls";
import type { HttpDeclaration } from "./httpSchema";
import type { Issuer, ListedKey } from "./issuer";
import { at as found, textAt } from "./pointer";
import { filled, filledDocument, type Values } from "./template";

/** More pages than any account should have keys. */
const mostPages = 100;

/** An issuer whose HTTP API is declared. */
export function httpIssuer(declared: HttpDeclaration): Issuer {
  const { create, list, delete: remove, verify, lastUsed } = declared;
  const { host } = new URL(declared.url);
  const urlOf = (path: string, values: Values = {}, base = declared.url) =>
    base.replace(/\/$/, "") + filled(path, values, encodeURIComponent);
  const called = async (
    at: AskContext,
    what: string,
    one: { path: string; method?: string; body?: unknown },
    values: Values,
  ) => {
    const call: Call = {
      ...{ what, url: urlOf(one.path, values), method: one.method ?? "GET", headers: await adminHeaders(at, declared) },
      ...(one.body !== undefined && { body: filledDocument(one.body, values) }),
    };
    return { call, answer: await ask(at, call) };
  };
  const listed = async (at: AskContext): Promise<readonly ListedKey[]> => {
    const all: ListedKey[] = [];
    let path = list.path;
    for (let page = 0; page < mostPages; page++) {
      const { call, answer } = await called(at, "list the keys", { path }, {});
      const document = documentIn(call, answer);
      const items = found(document, list.items);
      if (!Array.isArray(items)) throw new RotatorError(`the list of ${host} has no list at "${list.items}"`);
      all.push(...items.map((item) => keyIn(item, declared)));
      const cursor = list.next && textAt(document, list.next.cursor);
      const isLast = list.next?.more !== undefined && found(document, list.next.more) !== true;
      if (!list.next || cursor === undefined || isLast) return all;
      path = `${list.path}${list.path.includes("?") ? "&" : "?"}${list.next.parameter}=${encodeURIComponent(cursor)}`;
    }
    throw new RotatorError(`the list of ${host} does not end after ${mostPages} pages`);
  };
  return Object.freeze<Issuer>({
    name: host,
    hasNames: list.name !== undefined,
    async create(at, name) {
      const { call, answer } = await called(at, "create a key", create, { name });
      const document = documentIn(call, answer);
      const [id, key] = [textAt(document, create.id), textAt(document, create.key)];
      // Without one of them it is of no use: the next run finds it by its name, and deletes it.
      if (id === undefined) throw new RotatorError(`the new key of ${host} has no id at "${create.id}"`);
      if (key === undefined) throw new RotatorError(`the new key of ${host} has no key at "${create.key}"`);
      return { id, key };
    },
    list: listed,
    async delete(at, id) {
      const { call, answer } = await called(at, "delete a key", remove, { id });
      if (isSuccess(answer.status) || remove.gone.includes(answer.status)) return;
      throw unexpected(call, answer.status);
    },
    async verify(at, { id, key }) {
      const values = { id, key };
      const isByKey = verify.by === "key";
      // A text that no header may have is no key.
      if (isByKey && !isHeaderValue(key)) return "refused";
      const own = isByKey ? { Authorization: "Bearer {key}" } : {};
      const headers = Object.entries({ ...own, ...verify.headers }).map(([name, text]) => [name, filled(text, values)]);
      const call: Call = {
        ...{ what: "verify a key", url: urlOf(verify.path, values, verify.url), method: verify.method },
        headers: { ...(isByKey ? {} : await adminHeaders(at, declared)), ...Object.fromEntries(headers) },
        ...(verify.body && { body: filledDocument(verify.body, values) }),
      };
      const answer = await ask(at, call);
      if (verify.refused.includes(answer.status)) return "refused";
      const isAccepted = verify.accepted?.includes(answer.status) ?? isSuccess(answer.status);
      if (!isAccepted) throw unexpected(call, answer.status);
      if (verify.verdict === undefined) return "accepted";
      const said = found(documentIn(call, answer), verify.verdict);
      if (typeof said === "boolean") return said ? "accepted" : "refused";
      throw new RotatorError(`${host} says neither true nor false at "${verify.verdict}": verify a key`);
    },
    async lastUsed(at, id) {
      if (!lastUsed) return (await listed(at)).find((one) => one.id === id)?.lastUsed;
      const { call, answer } = await called(at, "ask when a key was used", lastUsed, { id });
      return timeAt(documentIn(call, answer), lastUsed.at, host);
    },
    async check(at) {
      await listed(at);
    },
  });
}

function keyIn(item: unknown, { list, url }: HttpDeclaration): ListedKey {
  const { host } = new URL(url);
  const id = textAt(item, list.id);
  if (id === undefined) throw new RotatorError(`a key in the list of ${host} has no id at "${list.id}"`);
  return {
    id,
    name: list.name === undefined ? undefined : textAt(item, list.name),
    key: list.key === undefined ? undefined : textAt(item, list.key),
    lastUsed: list.lastUsed === undefined ? undefined : timeAt(item, list.lastUsed, host),
  };
}

/** Seconds since 1970, or a text of ISO 8601; null, or nothing: never. */
function timeAt(document: unknown, path: string, host: string): Date | undefined {
  const said = found(document, path);
  if (said === undefined || said === null || said === "") return undefined;
  const time =
    typeof said === "number" ? new Date(said * 1000) : new Date(typeof said === "string" ? said : Number.NaN);
  if (Number.isNaN(time.getTime())) throw new RotatorError(`${host} says no time at "${path}": when a key was used`);
  return time;
}
