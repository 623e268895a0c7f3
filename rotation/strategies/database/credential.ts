import { z } from "zod";
import type { DatabaseDeclaration } from "../../../infra/config/secretSchema";
import { jsonOrUndefined } from "../../json";
import type { Login } from "../../ports/postgres";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../strategy";

/**
 * The JSON of a database secret, in the structure of AWS's own rotation functions, so that either can take over from the
 * other. Unknown properties are kept.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
const credentialSchema = z.looseObject({
  engine: z.enum(["postgres", "aurora-postgresql"]),
  host: z.string().min(1),
  port: z.coerce.number().int().default(5432),
  dbname: z.string().default("postgres"),
  username: z.string().min(1),
  password: z.string().min(1),
  masterarn: z.string().optional(),
});
export type Credential = z.output<typeof credentialSchema>;

/** The credential in a value; undefined: it is none. */
export function credentialIn(value: string): Credential | undefined {
  return credentialSchema.safeParse(jsonOrUndefined(value)).data;
}

/** @throws {SECRET_MALFORMED} without quoting the value */
export function parseCredential(context: StrategyContext, step: Step, name: string, value: string): Credential {
  const parsed = credentialSchema.safeParse(jsonOrUndefined(value));
  if (parsed.success) return parsed.data;
  const wrong = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".") || "JSON"))].join(", ");
  throw failure(context, step, "SECRET_MALFORMED", `the value of ${name} is no database credential, see ${wrong}`, {
    hint: "it needs the JSON properties engine (postgres or aurora-postgresql), host, port, dbname, username, password",
  });
}

/**
 * Refuses keys of the Kubernetes Secret that the new value will not have: AWS's structure, and what the current one has
 * beside it, which is kept.
 *
 * @throws {SECRET_MALFORMED}
 */
export function hasProperties(context: StrategyContext, current: string | undefined): void {
  const kept = current === undefined ? {} : parseCredential(context, "check", "AWSCURRENT", current);
  const known = new Set([...Object.keys(credentialSchema.shape), ...Object.keys(kept)]);
  const asked = context.secret.externalSecret?.keys.map(({ property }) => property) ?? [];
  const missing = asked.filter((property) => property !== undefined && !known.has(property));
  if (missing.length === 0) return;
  const message = `externalSecret.keys name ${missing.join(", ")}, which the secret's JSON does not have`;
  const hint = `correct them: it has ${[...known].join(", ")}; or add them to the secret's value`;
  throw failure(context, "check", "SECRET_MALFORMED", message, { hint });
}

export function databaseOf({ secret }: StrategyContext): DatabaseDeclaration {
  if (!secret.database) throw new Error(`${secret.name} has no database section`);
  return secret.database;
}

/** How to log in with a credential, over TLS as declared. */
export function loginWith(context: StrategyContext, credential: Credential): Login {
  const { tls, tlsCaFile } = databaseOf(context);
  const { host, port, dbname, username, password } = credential;
  return { host, port, dbname, username, password, tls, tlsCaFile };
}
