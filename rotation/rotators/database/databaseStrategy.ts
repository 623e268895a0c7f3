import { RotationError } from "../../errors";
import type { Step } from "../../steps";
import { generate } from "../common/generate";
import { failure, type RotationStrategy, type StrategyContext } from "../protocol";
import { accepted, acceptedByServer, provenByServer } from "./accepted";
import { noneIsClaimedByAnother, rolesAreOurs } from "./adoption";
import { canBeMadeAlike, outlookOf } from "./beforeSet";
import {
  atServer,
  type Credential,
  credentialIn,
  credentialText,
  hasProperties,
  loginWith,
  parseCredential,
} from "./credential";
import { endpointsAgree } from "./endpoints";
import { canLogInThen } from "./judgeRole";
import { type Access, holdingOf, lookAhead, probeAsCurrent, tryCurrent, usernameOf } from "./lookAhead";
import { rotatorOf } from "./ownRole";
import { triedProbe } from "./probe";
import { checkRetirable, describeBreaks } from "./retire";
import { retireOlder } from "./retireOlder";
import type { RoleChange } from "./roleChange";
import { roleInKubernetes } from "./roleInKubernetes";
import { serverTime } from "./roles";
import { unusable } from "./saslPrep";
import { setBack } from "./setBack";
import { isolated, sessionsOf, superuser } from "./superusers";
import { type AdminLogin, isFor, sameTarget } from "./target";
import { testLogin } from "./testLogin";

/** The steps that every password of a PostgreSQL role goes through. */
export function databaseStrategy(change: RoleChange): RotationStrategy {
  const next = async (context: StrategyContext, current: string | undefined) =>
    change.nextRole(context, usernameOf(context, current) ?? (await roleInKubernetes(context)));
  return Object.freeze<RotationStrategy>({
    overlap: change.overlap,
    async check(context, current) {
      hasProperties(context, current);
      const login = await rotatorOf(context, "check", current);
      if (current !== undefined) await sameTarget(context, "check", current, login);
      const access = accessOf(context, "check", login);
      const { asSuperuser } = access;
      const outlook = await lookAhead(context, "check", access, { role: await next(context, current), current });
      await tryCurrent(context, current, outlook, access);
      await endpointsAgree(context, current, outlook, access);
      await change.checkRole(context, asSuperuser, outlook.role);
      await canBeMadeAlike(context, "check", asSuperuser, outlook);
      if (context.emergency) await asSuperuser((session) => checkRetirable(context, "check", session));
    },
    async create(context, current) {
      const { login, engine, arn } = await superuser(context, "create");
      const { host, port, dbname } = login.services;
      const password = generate(context.ports.random, context.secret.length);
      const username = await next(context, current);
      return credentialText(current, { engine, host, port, dbname, username, password, masterarn: arn });
    },
    async rollBack(context, to, current) {
      const credential = parseCredential(context, "check", "the version to go back to", to);
      const login = await rotatorOf(context, "check", current, to);
      await sameTarget(context, "check", to, login);
      isUsable(context, credential);
      const access = accessOf(context, "check", login);
      // The role is changed, where it is, and not made like another one.
      const role = credential.username;
      const outlook = await access.asSuperuser((session) => outlookOf(context, session, role, role));
      noneIsClaimedByAnother(context, "check", outlook.server);
      canLogInThen(context, "check", outlook.server, outlook);
      if (await acceptedByServer(context, "check", credential, triedProbe(context, role, undefined))) return to;
      if (change.overlap !== "one-live") {
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
      isUsable(context, credential);
      const before = current === undefined ? undefined : parseCredential(context, "check", "AWSCURRENT", current);
      const isCurrent = from === current;
      const probe = isCurrent ? undefined : triedProbe(context, credential.username, undefined);
      if (await acceptedByServer(context, "check", credential, probe)) return isCurrent ? undefined : from;
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
      const isSet = await provenByServer(context, "set", wanted);
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
      const own = atServer(context, loginWith(context, wanted));
      return isOwn ? sessionsOf(context, "set", own)(serverTime) : asSuperuser(serverTime);
    },
    // What the server refuses it may accept later: another value is only made where this one was never set.
    flaw(context, { pending }) {
      if (credentialIn(context, pending)) return undefined;
      return { code: "SECRET_MALFORMED", what: "the new value is no database credential" };
    },
    test: (context, values) => testLogin(context, values, change.actsAs?.(context)),
    setBack: (context, values) => setBack(context, change, values),
    isolated: (context, work) => isolated(context, "set", work),
    // A superuser's own older sessions may be those of another secret's steps.
    retire: (context, values, setAt) => isolated(context, "retire", () => retireOlder(context, values, setAt)),
    async breaks(context) {
      return sessionsOf(context, "check")((session) => describeBreaks(context, session));
    },
    async accepts(context, value) {
      const credential = credentialIn(context, value);
      // Another server is not asked: it would be told the password.
      const { login } = await superuser(context, "check");
      if (!credential || !(await isFor(context, credential, login))) return false;
      return acceptedByServer(context, "check", credential);
    },
  });
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
    if (!(await provenByServer(context, "set", wanted).catch(() => false))) throw error;
  }
}

function accessOf(context: StrategyContext, step: Step, login: AdminLogin): Access {
  return {
    login,
    asSuperuser: sessionsOf(context, step, login),
    accepted: (...credential) => accepted(context, step, ...credential),
    acceptedByServer: (...credential) => acceptedByServer(context, step, ...credential),
  };
}
