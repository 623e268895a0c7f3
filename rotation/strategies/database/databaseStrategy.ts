import { describeError, RotationError } from "../../errors";
import type { Login, Session } from "../../ports/postgres";
import type { Step } from "../../steps";
import { generate } from "../generate";
import { failure, type RotationStrategy, type StrategyContext, type Values } from "../strategy";
import {
  type Credential,
  credentialText,
  databaseOf,
  hasProperties,
  loginWith,
  parseCredential,
  superuser,
} from "./credential";
import { checkRetirable, describeBreaks, disableOthers, endOlderSessions } from "./retire";
import { serverTime } from "./roles";
import { isFor, sameTarget } from "./target";

/** Each call has a session of its own, and no other may be asked for within. */
export type AsSuperuser = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/** What differs between single-user and alternating-users. */
export interface RoleChange {
  /** The role that gets the new password, given the one that is current. */
  nextRole(context: StrategyContext, currentRole: string | undefined): string;
  /** Refuses, before anything is written, what the server says will not work. */
  checkRole(context: StrategyContext, asSuperuser: AsSuperuser, role: string): Promise<void>;
  /** Whether an older password can be given to the role again. */
  readonly canSetBack: boolean;
  setRole(
    context: StrategyContext,
    session: Session,
    to: { role: string; password: string; salt: Buffer },
  ): Promise<void>;
}

/** The steps that every password of a PostgreSQL role goes through. */
export function databaseStrategy(change: RoleChange): RotationStrategy {
  const next = (context: StrategyContext, current: string | undefined) =>
    change.nextRole(context, current && parseCredential(context, "check", "AWSCURRENT", current).username);
  return Object.freeze<RotationStrategy>({
    async check(context, current) {
      hasProperties(context, current);
      const { login } = await superuser(context, "check");
      if (current !== undefined) await currentIsTrusted(context, current, login);
      const asSuperuser = sessionsOf(context, "check", login);
      await change.checkRole(context, asSuperuser, next(context, current));
      if (context.emergency) await asSuperuser((session) => checkRetirable(context, "check", session));
    },
    async create(context, current) {
      const { login, engine, arn } = await superuser(context, "create");
      const { host, port, dbname } = login;
      const password = generate(context.ports.random, context.secret.length);
      const username = next(context, current);
      return credentialText(current, { engine, host, port, dbname, username, password, masterarn: arn });
    },
    async rollBack(context, to) {
      const credential = parseCredential(context, "check", "the version to go back to", to);
      await sameTarget(context, "check", to, (await superuser(context, "check")).login);
      if (change.canSetBack || (await accepted(context, "check", credential))) return to;
      const message = `${credential.username} has another password by now`;
      throw failure(context, "check", "RETIRED", message, { hint: "rotate instead: it makes a new one" });
    },
    async restore(context, from, current) {
      const { login } = await superuser(context, "check");
      await sameTarget(context, "check", from, login);
      const credential = parseCredential(context, "check", "the backup", from);
      const before = current === undefined ? undefined : parseCredential(context, "check", "AWSCURRENT", current);
      if (await accepted(context, "check", credential)) return from === current ? undefined : from;
      await change.checkRole(context, sessionsOf(context, "check", login), credential.username).catch((error) => {
        throw before?.username === credential.username ? ofCurrentRole(error) : error;
      });
      return from;
    },
    async set(context, { pending, current }) {
      const wanted = parseCredential(context, "set", "AWSPENDING", pending);
      const isSet = await accepted(context, "set", wanted);
      if (isSet && !context.emergency) return undefined;
      const { login } = await superuser(context, "set");
      await sameTarget(context, "set", pending, login);
      if (current !== undefined) await sameTarget(context, "set", current, login);
      const to = { role: wanted.username, password: wanted.password, salt: context.ports.random(16) };
      const asSuperuser = sessionsOf(context, "set", login);
      if (!isSet) {
        await change.checkRole(context, asSuperuser, wanted.username);
        const set = () => asSuperuser((session) => change.setRole(context, session, to));
        await setOrFindSet(context, wanted, set);
      }
      return context.emergency ? asSuperuser(serverTime) : undefined;
    },
    // What the server refuses it may accept later: another value is only made where this one was never set.
    flaw: () => undefined,
    test: (context, values) => testLogin(context, values),
    async retire(context, { pending, current }, setAt) {
      const { login } = await superuser(context, "retire");
      const { username } = parseCredential(context, "retire", "AWSCURRENT", pending);
      const asSuperuser = sessionsOf(context, "retire", login);
      await asSuperuser(async (session) => {
        await checkRetirable(context, "retire", session);
        await disableOthers(context, session, username);
      });
      if (current !== undefined) await isRefused(context, current, login);
      // Last: by now whoever logged in before has a session that the server lists.
      await endOlderSessions(context, asSuperuser, username, setAt);
    },
    async breaks(context) {
      const { login } = await superuser(context, "check");
      return sessionsOf(context, "check", login)((session) => describeBreaks(context, session));
    },
    async accepts(context, value) {
      const credential = parseCredential(context, "check", "a version", value);
      // Another server is not asked: it would be told the password.
      if (!isFor(context, credential, (await superuser(context, "check")).login)) return false;
      return accepted(context, "check", credential);
    },
  });
}

/** Where the role whose password is to go back is the one that services use now. */
function ofCurrentRole(error: unknown): unknown {
  if (!(error instanceof RotationError) || error.code !== "ROLE_IN_USE") return error;
  const { secret, step, message } = error;
  const hint =
    "services live by this role now: rotate the secret once, then restore; the other role takes over meanwhile";
  const text = message.slice(`${secret}: ${step}: `.length);
  return new RotationError(error.code, error, text, { retryable: true, hint, cause: error });
}

/** When the answer to COMMIT is lost, the error does not say whether the password is set; the server does. */
async function setOrFindSet(context: StrategyContext, wanted: Credential, set: () => Promise<void>): Promise<void> {
  try {
    await set();
  } catch (error) {
    if (!(await accepted(context, "set", wanted).catch(() => false))) throw error;
  }
}

/** A new value is only made when the current one is known to be the target's: else it would be another's role that changes. */
async function currentIsTrusted(context: StrategyContext, current: string, login: Login): Promise<void> {
  await sameTarget(context, "check", current, login);
  // A first version that never went through all gates may be one that the database was never told of; and whoever has
  // stolen a password may have changed it.
  if (context.rotatedAt === undefined || context.emergency) return;
  const credential = parseCredential(context, "check", "AWSCURRENT", current);
  if (await accepted(context, "check", credential)) return;
  const message = `${login.host} refuses ${credential.username} with the current password`;
  throw failure(context, "check", "CREDENTIAL_REFUSED", message, {
    hint: "it was changed outside of a rotation: set the role's password to the current value of the secret first",
  });
}

async function accepted(
  context: StrategyContext,
  step: Step,
  credential: Credential,
  work?: (session: Session) => Promise<unknown>,
): Promise<boolean> {
  return guarded(context, step, () => context.ports.postgres.accepts(loginWith(context, credential), work));
}

/** Logs in with the pending credential and runs the secret's own probe with it. */
async function testLogin(context: StrategyContext, { pending }: Values): Promise<void> {
  const credential = parseCredential(context, "test", "AWSPENDING", pending);
  const probe = (session: Session) =>
    session.query(databaseOf(context).probeSql).catch((cause) => {
      const message = `the probe fails as ${credential.username}: ${describeError(cause)}`;
      const hint = "grant the role what database.probeSql needs, or correct the probe";
      throw failure(context, "test", "PROBE_FAILED", message, { hint, cause });
    });
  if (await accepted(context, "test", credential, probe)) return;
  const message = `${credential.username}@${credential.host} is refused with the new password`;
  throw failure(context, "test", "CREDENTIAL_REFUSED", message);
}

/** The proof that a retired credential is dead. */
async function isRefused(context: StrategyContext, value: string, target: Login): Promise<void> {
  await sameTarget(context, "retire", value, target);
  const credential = parseCredential(context, "retire", "the version before", value);
  if (!(await accepted(context, "retire", credential))) return;
  const message = `${credential.username}@${credential.host} still logs in with the old password`;
  throw failure(context, "retire", "NOT_RETIRED", message, {
    hint: "see whether the server asks for passwords at all (pg_hba.conf), then run the same command again",
  });
}

function sessionsOf(context: StrategyContext, step: Step, login: Login): AsSuperuser {
  return (work) => guarded(context, step, () => context.ports.postgres.as(login, work));
}

async function guarded<T>(context: StrategyContext, step: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof RotationError) throw cause;
    const { host, port } = databaseOf(context);
    const server = host ? `${host}${port ? `:${port}` : ""}` : "the database of the superuser's secret";
    const hint = `see whether ${server} is up and lets the driver in, then run the same command again: no credential is lost`;
    throw failure(context, step, "DATABASE_FAILED", describeError(cause), { retryable: true, hint, cause });
  }
}
