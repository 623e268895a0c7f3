import { z } from "zod";
import { jsonOrUndefined } from "../../json";
import type { Login } from "../../ports/postgres";
import type { Step } from "../../steps";
import { namesIn, withProperties } from "../../values/jsonDocument";
import { withoutDuplicates } from "../common/duplicates";
import { syncable } from "../common/expectedData";
import { failure, type StrategyContext } from "../protocol";
import { databaseOf } from "./parameters";

/**
 * The JSON of a database secret, in the structure of AWS's own rotation functions, so that either can take over from the
 * other. Unknown properties are kept.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
const credentialSchema = z.looseObject({
  engine: z.enum(["postgres", "aurora-postgresql"]).optional(),
  host: z.string().min(1).optional(),
  port: z.coerce.number().int().optional(),
  dbname: z.string().min(1).optional(),
  username: z.string().min(1),
  password: z.string().min(1),
  masterarn: z.string().optional(),
});

/** What a value says; what it leaves out is as declared. */
export interface Credential {
  readonly engine: "postgres" | "aurora-postgresql";
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
}

/** The credential in a value; undefined: it is none. */
export function credentialIn(context: StrategyContext, value: string): Credential | undefined {
  const { data } = credentialSchema.safeParse(jsonOrUndefined(value));
  return data && completed(context, data);
}

function completed(context: StrategyContext, said: z.output<typeof credentialSchema>): Credential | undefined {
  const { engine, host, port, dbname } = databaseOf(context);
  const place = said.host ?? host;
  if (place === undefined) return undefined;
  const { username, password } = said;
  return {
    ...{ username, password, engine: said.engine ?? engine, host: place },
    port: said.port ?? port ?? 5432,
    dbname: said.dbname ?? dbname,
  };
}

/** @throws {SECRET_MALFORMED} without quoting the value */
export function parseCredential(context: StrategyContext, step: Step, name: string, value: string): Credential {
  const parsed = credentialSchema.safeParse(jsonOrUndefined(value));
  withoutDuplicates(context, step, name, value);
  if (!parsed.success) {
    const wrong = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".") || "JSON"))].join(", ");
    throw failure(context, step, "SECRET_MALFORMED", `the value of ${name} is no database credential, see ${wrong}`, {
      hint: "it needs the JSON properties username and password; engine (postgres or aurora-postgresql), host, port and dbname are as declared where it has none",
    });
  }
  const credential = completed(context, parsed.data);
  if (credential) return credential;
  throw failure(context, step, "SECRET_MALFORMED", `neither the value of ${name} nor the stack says the host`, {
    hint: "declare database.host, or put host into the value",
  });
}

/**
 * Refuses keys of the Kubernetes Secret that the new value will not have: AWS's structure, and what the current one has
 * beside it, which is kept.
 *
 * @throws {SECRET_MALFORMED}
 */
export function hasProperties(context: StrategyContext, current: string | undefined): void {
  if (current !== undefined) parseCredential(context, "check", "AWSCURRENT", current);
  const place = { engine: "", host: "", port: 0, dbname: "" };
  syncable(context, "check", credentialText(current, { ...place, username: "", password: "", masterarn: "" }));
}

/**
 * The current value with another role and password; whatever else it has stays byte for byte. What AWS's structure wants
 * and it lacks is added.
 */
export function credentialText(
  current: string | undefined,
  {
    username,
    password,
    masterarn,
    ...place
  }: {
    engine: string;
    host: string;
    port: number;
    dbname: string;
    username: string;
    password: string;
    masterarn: string;
  },
): string {
  const has = new Set(current === undefined ? [] : namesIn(current));
  const lacking = Object.fromEntries(Object.entries(place).filter(([name]) => !has.has(name)));
  return withProperties(current ?? "{}", { ...lacking, username, password, masterarn });
}

/** How to log in with a credential where services do, over TLS as declared. */
export function loginWith(context: StrategyContext, credential: Credential): Login {
  const { tls, tlsCaFile } = databaseOf(context);
  const { host, port, dbname, username, password } = credential;
  return { host, port, dbname, username, password, tls, tlsCaFile };
}

/** The same at the server itself, where that is declared apart. */
export function atServer(context: StrategyContext, login: Login): Login {
  const { admin } = databaseOf(context);
  if (!admin) return login;
  const { host, port, tls = login.tls, tlsCaFile = login.tlsCaFile } = admin;
  return { ...login, host, port, tls, tlsCaFile };
}
