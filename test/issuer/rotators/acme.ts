import { defineRotator, duration, RotatorError, type StepContext, z } from "secret-rotation/rotator";

const parameters = z.strictObject({
  url: z.url().describe("of Acme's API"),
  account: z.string().min(1),
  admin: z.string().min(1).describe("full name of the secret that holds the account's own token"),
  gracePeriod: duration({ min: "0s", max: "30d" })
    .prefault("1d")
    .describe("how long the older key stays valid at least"),
});

export default defineRotator({
  kind: "acme-key",
  about: "a key of Acme's API",
  maxAgeDays: 90,
  parameters,
  reads: ({ admin }) => [admin],
  overlap: "two-live",
  gracePeriod: ({ gracePeriod }) => gracePeriod,
  properties: ["id", "key"],
  steps: {
    async issue(at) {
      return ask<{ id: string; key: string }>(at, "POST", "keys", { label: labelOf(at) });
    },
    async test(at, { key }) {
      const { accepted } = await ask<{ accepted: boolean }>(at, "POST", "verify", { key });
      return accepted ? "accepted" : "refused";
    },
    async revoke(at, { id }) {
      await ask(at, "DELETE", `keys/${id}`);
    },
    async find(at, known) {
      const left = (await keys(at)).filter(
        ({ id, label }) => label === labelOf(at) && !known.some((one) => one.id === id),
      );
      return left.map(({ id }) => ({ id }));
    },
    async lastUsed(at, { id }) {
      const { lastUsedAt } = (await keys(at)).find((key) => key.id === id) ?? {};
      return lastUsedAt ? new Date(lastUsedAt) : undefined;
    },
  },
});

type Context = StepContext<z.output<typeof parameters>>;

/** By it `find` knows whose key it is: others may have theirs in the same account. */
const labelOf = ({ environment, secret }: Context) => `${environment}/${secret}`;

async function keys(at: Context) {
  return (await ask<{ keys: { id: string; label: string; lastUsedAt: string | null }[] }>(at, "GET", "keys")).keys;
}

/** Errors name no value: not what was sent, not what came back. */
async function ask<T>(at: Context, method: string, path: string, body?: object): Promise<T> {
  const { url, account, admin } = at.parameters;
  const headers = { authorization: `Bearer ${(await at.read(admin)).trim()}` };
  const request = { method, headers, signal: at.signal, ...(body && { body: JSON.stringify(body) }) };
  const answer = await fetch(`${url}/accounts/${encodeURIComponent(account)}/${path}`, request).catch(() => {
    throw new RotatorError("Acme does not answer");
  });
  if (answer.status === 409) throw new RotatorError(`the account ${account} has two keys: revoke one that nobody uses`);
  if (answer.status === 204 || (answer.status === 404 && method === "DELETE")) return undefined as T;
  if (!answer.ok) throw new RotatorError(`Acme answers ${answer.status}`);
  return answer.json().catch(() => {
    throw new RotatorError("what Acme answers is no JSON");
  }) as Promise<T>;
}
