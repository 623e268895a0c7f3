import { isDeepStrictEqual } from "node:util";
import { describeError, RotationError } from "../../errors";
import { type Login, NotLetIn, type Session } from "../../ports/postgres";
import { waitFor } from "../../waitFor";
import { generate } from "../generate";
import { failure, type RotationStrategy, type StrategyContext, type Values } from "../strategy";
import { accepted } from "./accepted";
import { type Credential, credentialIn, databaseOf, hasProperties, loginWith, parseCredential } from "./credential";
import { guarded, mayPass } from "./loginAdvice";
import { checkRetirable, describeBreaks, disableOthers, endOlderSessions } from "./retire";
import { serverTime } from "./roles";
import { unusable } from "./saslPrep";
import { setBack } from "./setBack";
import { type AsSuperuser, isolated, sessionsOf, superuser } from "./superusers";
import { isFor, sameTarget } from "./target";

/** What differs between single-user and alternating-users. */
export interface RoleChange {
  /** The role that gets the new password, given the one that is current. */
  nextRole(context: StrategyContext, currentRole: string | undefined): string;
  /** Refuses, before anything is written, what the server says will not work. */
  checkRole(context: StrategyContext, asSuperuser: AsSuperuser, role: string): Promise<void>;
  /** `one-live`: an older password can be given to the role again. */
  readonly overlap: "one-live" | "alternating";
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
    overlap: change.overlap,
    async check(context, current) {
      hasProperties(context, current);
      const { login } = await superuser(context, "check");
      if (current !== undefined) await currentIsTrusted(context, current, login);
      const asSuperuser = sessionsOf(context, "check");
      await change.checkRole(context, asSuperuser, next(context, current));
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
    async rollBack(context, to) {
      const credential = parseCredential(context, "check", "the version to go back to", to);
      await sameTarget(context, "check", to, (await superuser(context, "check")).login);
      isUsable(context, credential);
      if (change.overlap === "one-live" || (await accepted(context, "check", credential))) return to;
      const message = `${credential.username} has another password by now`;
      throw failure(context, "check", "RETIRED", message, { hint: "rotate instead: it makes a new one" });
    },
    async restore(context, from, current) {
      const { login } = await superuser(context, "check");
      await sameTarget(context, "check", from, login);
      const credential = parseCredential(context, "check", "the backup", from);
      isUsable(context, credential);
      const before = current === undefined ? undefined : parseCredential(context, "check", "AWSCURRENT", current);
      if (await accepted(context, "check", credential)) return isDeepStrictEqual(credential, before) ? undefined : from;
      await change.checkRole(context, sessionsOf(context, "check"), credential.username).catch((error) => {
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
      const asSuperuser = sessionsOf(context, "set");
      if (!isSet) {
        await change.checkRole(context, asSuperuser, wanted.username);
        const set = () => asSuperuser((session) => change.setRole(context, session, to));
        await setOrFindSet(context, wanted, set);
      }
      return context.emergency ? asSuperuser(serverTime) : undefined;
    },
    // What the server refuses it may accept later: another value is only made where this one was never set.
    flaw(_context, { pending }) {
      if (credentialIn(pending)) return undefined;
      return { code: "SECRET_MALFORMED", what: "the new value is no database credential" };
    },
    test: (context, values) => testLogin(context, values),
    setBack: (context, values) => setBack(context, change, values),
    isolated: (context, work) => isolated(context, "set", work),
    // A superuser's own older sessions may be those of another secret's steps.
    retire: (context, values, setAt) => isolated(context, "retire", () => retire(context, values, setAt)),
    async breaks(context) {
      return sessionsOf(context, "check")((session) => describeBreaks(context, session));
    },
    async accepts(context, value) {
      const credential = credentialIn(value);
      // Another server is not asked: it would be told the password.
      if (!credential || !isFor(context, credential, (await superuser(context, "check")).login)) return false;
      return accepted(context, "check", credential);
    },
  });
}

async function retire(
  context: StrategyContext,
  { pending, current }: Values,
  setAt: string | undefined,
): Promise<void> {
  const { login } = await superuser(context, "retire");
  const { username } = parseCredential(context, "retire", "AWSCURRENT", pending);
  const asSuperuser = sessionsOf(context, "retire");
  await asSuperuser(async (session) => {
    await checkRetirable(context, "retire", session);
    await disableOthers(context, session, username);
  });
  if (current !== undefined) await isRefused(context, current, login);
  // Last: by now whoever logged in before has a session that the server lists.
  await endOlderSessions(context, asSuperuser, username, setAt);
}

/** A value that was made elsewhere: no login with it may ever succeed. */
function isUsable(context: StrategyContext, { username, password }: Credential): void {
  const why = unusable(password);
  if (why === undefined) return;
  throw failure(context, "check", "SECRET_MALFORMED", `the password of ${username} ${why}`, {
    hint: "rotate instead: it makes a new one",
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

/** A server that is full or restarts for a moment does not end a rotation whose password is set. */
const longestTestSeconds = 10;

/** Logs in with the pending credential and runs the secret's own probe with it. */
async function testLogin(context: StrategyContext, { pending }: Values): Promise<void> {
  const credential = parseCredential(context, "test", "AWSPENDING", pending);
  let last: unknown;
  const attempt = async () => {
    try {
      return { isAccepted: await accepted(context, "test", credential, probe) };
    } catch (error) {
      if (!mayPass(error)) throw error;
      last = error;
      return undefined;
    }
  };
  const answer = await waitFor(attempt, { timeoutSeconds: longestTestSeconds });
  if (!answer) throw last;
  if (answer.isAccepted) return;
  const message = `${credential.username}@${credential.host} is refused with the new password`;
  throw failure(context, "test", "CREDENTIAL_REFUSED", message, {
    hint: `see whether ${credential.username} may log in (LOGIN, VALID UNTIL), then run the same command again`,
  });

  function probe(session: Session) {
    return session.query(databaseOf(context).probeSql).catch((cause) => {
      const message = `the probe fails as ${credential.username}: ${describeError(cause)}`;
      const hint = "grant the role what database.probeSql needs, or correct the probe";
      throw failure(context, "test", "PROBE_FAILED", message, { hint, cause });
    });
  }
}

/** The proof that a retired credential is dead: the password itself, not the role that may not log in for now. */
async function isRefused(context: StrategyContext, value: string, target: Login): Promise<void> {
  await sameTarget(context, "retire", value, target);
  const credential = parseCredential(context, "retire", "the version before", value);
  const login = loginWith(context, credential);
  const alive = await guarded(context, "retire", login, () =>
    context.ports.postgres.accepts(login).then(
      (isAccepted) => (isAccepted ? "still logs in with the old password" : undefined),
      (error) => {
        if (!(error instanceof NotLetIn) || error.password !== "accepted") throw error;
        return `still has the old password, and is kept out by something else: ${describeError(error)}`;
      },
    ),
  );
  if (alive === undefined) return;
  const message = `${credential.username}@${credential.host} ${alive}`;
  throw failure(context, "retire", "NOT_RETIRED", message, {
    hint: "see whether the server asks for passwords at all (pg_hba.conf), then run the same command again",
  });
}
