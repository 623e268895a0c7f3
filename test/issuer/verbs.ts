import { type Accounts, LimitError } from "./accounts";

/** What a rotator with `http` posts, as far as it is looked at here. */
export interface VerbRequest {
  readonly verb: string;
  readonly secret: string;
  readonly environment: string;
  readonly parameters?: { readonly account?: string };
  readonly credential?: { readonly id: string; readonly key: string };
  readonly known?: readonly { readonly id: string }[];
}

/** The steps of a rotator, each an answer. */
export function verb(accounts: Accounts, request: VerbRequest): object {
  const { credential = { id: "", key: "" }, known = [] } = request;
  const { account = "" } = request.parameters ?? {};
  const label = `${request.environment}/${request.secret}`;
  const keys = accounts.list(account);
  switch (request.verb) {
    case "issue":
      try {
        const { id, key } = accounts.create(account, label);
        return { credential: { id, key } };
      } catch (error) {
        if (error instanceof LimitError) return { error: `the account ${account} has two keys` };
        throw error;
      }
    case "test":
      return { verdict: accounts.accepts(account, credential.key) ? "accepted" : "refused" };
    case "revoke":
      accounts.delete(account, credential.id);
      return {};
    case "find":
      return {
        found: keys
          .filter((key) => key.label === label && !known.some(({ id }) => id === key.id))
          .map(({ id }) => ({ id })),
      };
    case "lastUsed":
      return { lastUsed: keys.find(({ id }) => id === credential.id)?.lastUsedAt ?? null };
    default:
      return { error: `${request.verb} is not understood` };
  }
}
