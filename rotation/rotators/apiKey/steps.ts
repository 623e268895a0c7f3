import { type Credential, RotatorError, type RotatorSteps, type StepContext } from "../own/steps";
import type { AskContext } from "../own/stepsBy";
import { httpIssuer } from "./httpIssuer";
import { iamIssuer } from "./iamIssuer";
import type { Issuer, ListedKey } from "./issuer";
import type { ApiKeyParameters } from "./parameters";
import { openai, sendgrid } from "./presets";

/** The properties of an API key as it is stored. */
export const properties = ["id", "key"] as const;

type Context = StepContext<ApiKeyParameters>;

/** How a key is made by its issuer, proved, and taken back. */
export const steps: RotatorSteps<ApiKeyParameters> = {
  check: (at) => issuerOf(at).check(inner(at)),
  async issue(at, current) {
    const issuer = issuerOf(at);
    const { id, key } = await issuer.create(inner(at), nameOf(at));
    if (current && (current.id === id || current.key === key)) {
      throw new RotatorError(`${issuer.name} gave the current key once more`);
    }
    return { id, key };
  },
  test: (at, { id = "", key = "" }) => issuerOf(at).verify(inner(at), { id, key }),
  revoke: (at, { id = "" }) => issuerOf(at).delete(inner(at), id),
  async find(at, known) {
    const issuer = issuerOf(at);
    const isKnown = ({ id }: ListedKey) => known.some((one) => one.id === id);
    const left = (await issuer.list(inner(at))).filter((one) => isOwn(at, issuer, one) && !isKnown(one));
    refuseUsed(at, issuer, left);
    return left.map(({ id, key }): Credential => (key === undefined ? { id } : { id, key }));
  },
  lastUsed: (at, { id = "" }) => issuerOf(at).lastUsed(inner(at), id),
};

/**
 * What the driver's keys are called at an issuer: the secret's full name with the characters that AWS appends to it, so
 * that two secrets of the same name, in two accounts, never take one another's keys for their own.
 */
export function nameOf(at: StepContext): string {
  return inner(at).arn.replace(/^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:/, "");
}

function isOwn(at: StepContext, { hasNames }: Issuer, { name }: ListedKey): boolean {
  return !hasNames || name === nameOf(at);
}

/** What a run has lost was never used. In an emergency whatever the secret does not hold is taken for compromised. */
function refuseUsed({ emergency }: Context, { hasNames, name }: Issuer, left: readonly ListedKey[]): void {
  const used = left.find(({ lastUsed }) => lastUsed !== undefined);
  if (hasNames || emergency || !used) return;
  throw new RotatorError(
    `${name} has a key that the secret does not hold, and that was used at ${used.lastUsed?.toISOString()} (${used.id}): ` +
      "see who uses it, and delete it there; or put it into the secret as id and key, where it is the one in use",
  );
}

function issuerOf({ parameters: { issuer } }: Context): Issuer {
  if (issuer.http) return httpIssuer(issuer.http);
  if (issuer.openai) return httpIssuer(openai(issuer.openai));
  if (issuer.sendgrid) return httpIssuer(sendgrid(issuer.sendgrid));
  if (issuer.iam) return iamIssuer(issuer.iam.user);
  throw new Error("the schema lets no declaration without an issuer pass");
}

/** Kinds that come with the project have more of the driver at hand. */
function inner(at: StepContext): AskContext {
  return at as AskContext;
}
