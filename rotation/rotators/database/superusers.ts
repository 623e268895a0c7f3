import { describeError } from "../../errors";
import { Locks } from "../../locks";
import { type Login, NotLetIn, type Session } from "../../ports/postgres";
import { type SecretDescription, type SecretsManager, versionWith } from "../../ports/secretsManager";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import { atServer, type Credential, loginWith, parseCredential } from "./credential";
import { guarded } from "./loginAdvice";
import { databaseOf } from "./parameters";
import type { AdminLogin } from "./target";

/** Each call has a session of its own, and no other may be asked for within. */
export type AsSuperuser = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/** The role that alters others, on the declared host and database, its server's engine, and its secret's ARN. */
export interface Superuser {
  readonly login: AdminLogin;
  readonly engine: Credential["engine"];
  readonly arn: string;
}

/**
 * Keeps those who use a superuser's secret from the moment in which that secret is rotated itself: between its `set` and
 * the move of AWSCURRENT its server refuses what everybody reads. By ARN, since a secret has several names.
 */
const locks = new Locks();

/** What was read of superusers' secrets a moment ago: many secrets of a run name the same one, and ask at the same time. */
interface Reading {
  readonly atMs: number;
  readonly found: Promise<SecretDescription | undefined>;
  readonly current: Promise<string | undefined>;
}
const readings = new WeakMap<SecretsManager, Map<string, Reading>>();
const freshMs = 1000;

/**
 * A secret's `set` to `finish`, or its `retire`: no other secret of this run uses it as its superuser's meanwhile, and its
 * own superuser's is not rotated.
 */
export async function isolated<T>(context: StrategyContext, step: Step, work: () => Promise<T>): Promise<T> {
  // What is set already is finished without the superuser's secret, whatever is wrong with that.
  const found = await describeSuperuser(context, step).catch(() => undefined);
  const shared = found && found.arn !== context.arn ? [found.arn] : [];
  return locks.hold({ exclusive: [context.arn], shared }, () => work().finally(() => forget(context)));
}

/** What was read while a secret was rotated may be what it was before. */
async function forget({ ports, arn }: StrategyContext): Promise<void> {
  const known = readings.get(ports.secretsManager);
  for (const [name, { found }] of known ?? []) {
    const isOther = await found.then((secret) => secret?.arn !== arn).catch(() => false);
    if (!isOther) known?.delete(name);
  }
}

/** The current credential of the superuser's secret. */
export async function superuser(context: StrategyContext, step: Step): Promise<Superuser> {
  const found = await describeSuperuser(context, step);
  const value = await readingOf(context).current;
  if (value !== undefined) return { ...superuserIn(value, context, step), arn: found.arn };
  throw unusable(context, step, "has no value");
}

function readingOf({ ports: { secretsManager }, secret }: StrategyContext): Reading {
  const name = databaseOf({ secret }).superuserSecret;
  const known = readings.get(secretsManager) ?? new Map<string, Reading>();
  readings.set(secretsManager, known);
  const last = known.get(name);
  if (last && performance.now() - last.atMs < freshMs) return last;
  const found = secretsManager.describe(name);
  const current = found.then((secret) => {
    const versionId = secret && versionWith("AWSCURRENT", secret);
    return versionId === undefined ? undefined : secretsManager.value(name, versionId);
  });
  const reading = { atMs: performance.now(), found, current };
  known.set(name, reading);
  // What failed is asked again.
  current.catch(() => known.get(name) === reading && known.delete(name));
  return reading;
}

/**
 * Sessions of the superuser. Each reads the credential when it is about to log in: another secret's rotation may have
 * changed it since this one's began. Where the server refuses AWSCURRENT, a rotation of the superuser's secret was
 * interrupted after its `set`, or is this very one: then what is AWSPENDING is the server's.
 *
 * @param rotator  what `rotatorOf` has found: tried first where its role is the one that is rotated
 * @throws {DATABASE_FAILED}
 */
export function sessionsOf(context: StrategyContext, step: Step, rotator?: Login): AsSuperuser {
  const own = rotator && databaseOf(context).roles.includes(rotator.username) ? rotator : undefined;
  return async (work) => {
    const { arn } = await describeSuperuser(context, step);
    return locks.hold({ shared: [arn] }, async () => {
      const { login } = await superuser(context, step);
      const as = (whom: Login) => guarded(context, step, whom, () => context.ports.postgres.as(whom, work));
      if (own) {
        try {
          return await as(own);
        } catch (error) {
          if (!isRefusal(error)) throw error;
        }
      }
      try {
        return await as(login);
      } catch (error) {
        const pending = isRefusal(error) ? await pendingLogin(context, step, login) : undefined;
        if (!pending) throw isRefusal(error) ? refused(context, step, error) : error;
        return as(pending).catch((second) => {
          throw isRefusal(second) ? refused(context, step, error) : second;
        });
      }
    });
  };
}

function isRefusal(error: unknown): boolean {
  const { cause } = error as Error;
  return cause instanceof NotLetIn && cause.password === "refused";
}

function refused(context: StrategyContext, step: Step, cause: unknown) {
  const { superuserSecret: name } = databaseOf(context);
  const text = describeError((cause as Error).cause);
  return failure(context, step, "DATABASE_FAILED", `the superuser's secret ${name} is refused: ${text}`, {
    hint: `rotate ${name} again if its rotation was interrupted, else put into it what the server accepts; then run the same command again`,
    cause,
  });
}

async function pendingLogin(context: StrategyContext, step: Step, current: Login): Promise<Login | undefined> {
  const { superuserSecret: name } = databaseOf(context);
  const { secretsManager } = context.ports;
  const found = await secretsManager.describe(name);
  const pending = found && versionWith("AWSPENDING", found);
  const value = pending && (await secretsManager.value(name, pending));
  if (!value) return undefined;
  const { login } = superuserIn(value, context, step);
  return login.username === current.username && login.password === current.password ? undefined : login;
}

async function describeSuperuser(context: StrategyContext, step: Step): Promise<SecretDescription> {
  const found = await readingOf(context).found;
  if (found) return found;
  throw unusable(context, step, "does not exist");
}

function superuserIn(value: string, context: StrategyContext, step: Step) {
  const { superuserSecret: name, host, port, dbname } = databaseOf(context);
  const credential = parseCredential(context, step, name, value);
  const services = { host: host ?? credential.host, port: port ?? credential.port, dbname };
  const login = atServer(context, loginWith(context, { ...credential, ...services }));
  return { login: { ...login, services }, engine: credential.engine };
}

function unusable(context: StrategyContext, step: Step, what: string) {
  const { superuserSecret: name } = databaseOf(context);
  return failure(context, step, "DATABASE_FAILED", `the superuser's secret ${name} ${what}`, {
    hint: "correct database.superuserSecret in the stack's configuration",
  });
}
