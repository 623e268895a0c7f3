import { isDeepStrictEqual } from "node:util";
import { describeError, RotationError } from "../../errors";
import type { Login, Session } from "../../ports/postgres";
import type { Step } from "../../steps";
import { generate } from "../generate";
import { failure, type RotationStrategy, type StrategyContext, type Values } from "../strategy";
import { noneIsClaimedByAnother, rolesAreOurs } from "./adoption";
import { canBeMadeAlike, outlookOf } from "./beforeSet";
import { type Credential, databaseOf, hasProperties, loginWith, parseCredential, superuser } from "./credential";
import { canLogInThen } from "./judgeRole";
import { type Access, holdingOf, lookAhead, probeAsCurrent, tryCurrent, usernameOf } from "./lookAhead";
import { rotatorOf } from "./ownRole";
import { probeFailed, triedProbe } from "./probe";
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
  /** @param currentRole  the one that services live by; undefined: none is known */
  setRole(
    context: StrategyContext,
    session: Session,
    to: { role: string; password: string; salt: Buffer },
    currentRole?: string,
  ): Promise<void>;
}

/** The steps that every password of a PostgreSQL role goes through. */
export function databaseStrategy(change: RoleChange): RotationStrategy {
  const next = (context: StrategyContext, current: string | undefined) =>
    change.nextRole(context, current && parseCredential(context, "check", "AWSCURRENT", current).username);
  return Object.freeze<RotationStrategy>({
    async check(context, current) {
      hasProperties(context, current);
      const login = await rotatorOf(context, "check", current);
      if (current !== undefined) await sameTarget(context, "check", current, login);
      const access = accessOf(context, "check", login);
      const { asSuperuser } = access;
      const outlook = await lookAhead(context, "check", access, { role: next(context, current), current });
      await tryCurrent(context, current, outlook, access);
      await change.checkRole(context, asSuperuser, outlook.role);
      await canBeMadeAlike(context, "check", asSuperuser, outlook);
      if (context.emergency) await asSuperuser((session) => checkRetirable(context, "check", session));
    },
    async create(context, current) {
      const { login, engine, arn } = await superuser(context, "create");
      const kept = current === undefined ? {} : parseCredential(context, "create", "AWSCURRENT", current);
      const { host, port, dbname } = login;
      const password = generate(context.ports.random, context.secret.length);
      const username = next(context, current);
      return JSON.stringify({ engine, ...kept, host, port, dbname, username, password, masterarn: arn });
    },
    async rollBack(context, to, current) {
      const credential = parseCredential(context, "check", "the version to go back to", to);
      const login = await rotatorOf(context, "check", current, to);
      await sameTarget(context, "check", to, login);
      const access = accessOf(context, "check", login);
      // The role is changed, where it is, and not made like another one.
      const role = credential.username;
      const outlook = await access.asSuperuser((session) => outlookOf(context, session, role, role));
      noneIsClaimedByAnother(context, "check", outlook.server);
      canLogInThen(context, "check", outlook.server, outlook);
      if (await accepted(context, "check", credential, triedProbe(context, role, undefined))) return to;
      if (!change.canSetBack) {
        const message = `${role} has another password by now`;
        throw failure(context, "check", "RETIRED", message, { hint: "rotate instead: it makes a new one" });
      }
      await rolesAreOurs(context, "check", outlook.server, holdingOf(context, access, current));
      await change.checkRole(context, access.asSuperuser, role);
      await probeAsCurrent(context, current, outlook, access);
      return to;
    },
    async restore(context, from, current) {
      const login = await rotatorOf(context, "check", current, from);
      await sameTarget(context, "check", from, login);
      const credential = parseCredential(context, "check", "the backup", from);
      const before = current === undefined ? undefined : parseCredential(context, "check", "AWSCURRENT", current);
      const isCurrent = isDeepStrictEqual(credential, before);
      const probe = isCurrent ? undefined : triedProbe(context, credential.username, undefined);
      if (await accepted(context, "check", credential, probe)) return isCurrent ? undefined : from;
      const access = accessOf(context, "check", login);
      const { asSuperuser } = access;
      const outlook = await lookAhead(context, "check", access, { role: credential.username, current });
      await change.checkRole(context, asSuperuser, credential.username).catch((error) => {
        throw before?.username === credential.username ? ofCurrentRole(error) : error;
      });
      await canBeMadeAlike(context, "check", asSuperuser, outlook);
      await probeAsCurrent(context, current, outlook, access);
      return from;
    },
    async set(context, { pending, current }) {
      const wanted = parseCredential(context, "set", "AWSPENDING", pending);
      const isSet = await accepted(context, "set", wanted);
      if (isSet && !context.emergency) return undefined;
      const login = await rotatorOf(context, "set", current, pending);
      await sameTarget(context, "set", pending, login);
      if (current !== undefined) await sameTarget(context, "set", current, login);
      const to = { role: wanted.username, password: wanted.password, salt: context.ports.random(16) };
      const asSuperuser = sessionsOf(context, "set", login);
      if (!isSet) {
        const ahead = { role: wanted.username, current };
        const outlook = await lookAhead(context, "set", accessOf(context, "set", login), ahead);
        await change.checkRole(context, asSuperuser, wanted.username);
        await canBeMadeAlike(context, "set", asSuperuser, outlook);
        const set = () => asSuperuser((session) => change.setRole(context, session, to, usernameOf(context, current)));
        await setOrFindSet(context, wanted, set);
      }
      if (!context.emergency) return undefined;
      const isOwn = login.username === wanted.username;
      return isOwn ? sessionsOf(context, "set", loginWith(context, wanted))(serverTime) : asSuperuser(serverTime);
    },
    // What the server refuses it may accept later: another value is only made where this one was never set.
    flaw: () => undefined,
    test: (context, values) => testLogin(context, values),
    async retire(context, { pending, current }, setAt) {
      const login = await rotatorOf(context, "retire", pending);
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
      if (!(await isFor(context, credential, (await superuser(context, "check")).login))) return false;
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
      throw probeFailed(context, "test", credential.username, cause);
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

function accessOf(context: StrategyContext, step: Step, login: Login): Access {
  return {
    login,
    asSuperuser: sessionsOf(context, step, login),
    accepted: (...credential) => accepted(context, step, ...credential),
  };
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
