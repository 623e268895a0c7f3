import { z } from "zod";
import { defineRotator } from "../../rotation/rotators/defineRotator";
import { type Credential, RotatorError, type RotatorSteps, type StepContext } from "../../rotation/rotators/own/steps";

/** A rotator of the test's issuer that keeps every clause. The variants beside it break one each. */

const parameters = z.strictObject({ url: z.url() });
type Context = StepContext<z.output<typeof parameters>>;
type Steps = RotatorSteps<z.output<typeof parameters>>;

export const admin = "acme/admin";

/** Asks the issuer as its administrator. */
export async function ask(at: Context, method: string, path: string, body?: object): Promise<Response> {
  const authorization = `Bearer ${await at.read(admin)}`;
  const url = new URL(path, at.parameters.url);
  url.searchParams.set("label", at.secret);
  const more = body && { body: JSON.stringify(body) };
  return fetch(url, { method, headers: { authorization }, signal: at.signal, ...more });
}

/** @throws {RotatorError} for another answer than these */
export function wanted(response: Response, ...statuses: readonly number[]): Response {
  if (!statuses.includes(response.status)) throw new RotatorError(`is answered ${response.status}`);
  return response;
}

/** What the issuer says of a key or a password. */
export async function verdictOn(at: Context, secret: string | undefined): Promise<"accepted" | "refused"> {
  const headers = { authorization: `Bearer ${secret}` };
  const { status } = await fetch(new URL("/me", at.parameters.url), { headers, signal: at.signal });
  if (status === 200) return "accepted";
  if (status === 401) return "refused";
  throw new RotatorError(`is answered ${status}`);
}

export const steps: Steps = {
  issue: async (at) => (await wanted(await ask(at, "POST", "/keys"), 201).json()) as Credential,
  test: (at, { key }) => verdictOn(at, key),
  async revoke(at, { id }) {
    wanted(await ask(at, "DELETE", `/keys/${id}`), 204, 404);
  },
  async find(at, known) {
    const all = (await wanted(await ask(at, "GET", "/keys"), 200).json()) as Credential[];
    return all.filter(({ id }) => known.every((one) => one.id !== id));
  },
};

type Definition = Parameters<typeof defineRotator<typeof parameters>>[0];

export const definition = {
  kind: "acme-key",
  about: "a key of the test's issuer",
  maxAgeDays: 90,
  parameters,
  reads: () => [admin],
  overlap: "two-live",
  properties: ["id", "key"],
} as const satisfies Partial<Definition>;

/** The issuer makes the key. */
export const acme = (own: Partial<Steps> = {}) => defineRotator({ ...definition, steps: { ...steps, ...own } });

const { issue: _, find: __, ...common } = steps;

/** We make the key, and the issuer is told of it. */
export const registered = (own: Partial<Steps> = {}) =>
  defineRotator({
    ...definition,
    steps: {
      ...common,
      create: async ({ random }) => ({ id: `key_${random(10)}`, key: random(32) }),
      async set(at, pending) {
        wanted(await ask(at, "POST", "/keys", pending), 201, 409);
      },
      ...own,
    },
  });

/** The issuer has one password. */
export const password = (own: Partial<Steps> = {}) =>
  defineRotator({
    ...definition,
    overlap: "one-live",
    properties: ["password"],
    steps: {
      create: async ({ random }) => ({ password: random(32) }),
      async set(at, pending) {
        wanted(await ask(at, "PUT", "/password", pending), 204);
      },
      test: (at, given) => verdictOn(at, given.password),
      ...own,
    },
  });
