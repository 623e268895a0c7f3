import { RotatorError } from "../own/steps";
import type { AskContext } from "../own/stepsBy";
import type { Issuer } from "./issuer";

/** A user as declared, e.g. `deployer` or `ci/deployer`: its path, and its name. */
export function userOf(declared: string): { readonly path: string; readonly name: string } {
  const end = declared.lastIndexOf("/") + 1;
  return { path: declared.slice(0, end), name: declared.slice(end) };
}

/**
 * Access keys of one user of AWS IAM, which keeps two at most. They have no names: the user belongs to the secret.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
 */
export function iamIssuer(declared: string): Issuer {
  const { name: user } = userOf(declared);
  const asked = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new RotatorError(`AWS: ${whyNot((error as Error).name, action, user)}`);
    }
  };
  /** Undefined too for one that is gone: AWS says nothing of it. */
  const lastUsed = async (at: AskContext, id: string) => {
    const isThere = (await keys(at)).includes(id);
    return isThere ? usedAt(at, id) : undefined;
  };
  const usedAt = (at: AskContext, id: string) =>
    asked("iam:GetAccessKeyLastUsed", () => at.ports.iam.lastUsed(id, at.signal));
  const keys = (at: AskContext) => asked("iam:ListAccessKeys", () => at.ports.iam.accessKeys(user, at.signal));
  return Object.freeze<Issuer>({
    name: `AWS IAM, user ${user}`,
    hasNames: false,
    create: (at) => asked("iam:CreateAccessKey", () => at.ports.iam.createAccessKey(user, at.signal)),
    async list(at) {
      const ids = await keys(at);
      const used = await Promise.all(ids.map((id) => usedAt(at, id)));
      return ids.map((id, i) => ({ id, lastUsed: used[i] }));
    },
    delete: (at, id) => asked("iam:DeleteAccessKey", () => at.ports.iam.deleteAccessKey(user, id, at.signal)),
    async verify(at, key) {
      const owner = await asked("sts:GetCallerIdentity", () => at.ports.sts.ownerOf(key, at.signal));
      if (owner === undefined) return "refused";
      if (owner.split("/").at(-1) === user) return "accepted";
      throw new RotatorError(`the access key belongs to ${owner}, and not to the user ${user}`);
    },
    lastUsed,
    async check(at) {
      const caller = await at.ports.sts.caller().catch(() => undefined);
      if (caller !== undefined && /:user\//.test(caller) && caller.split("/").at(-1) === user) {
        throw new RotatorError(
          `the user ${user} is the one that rotates: a rotation would end its own access. Let another user, or a role, rotate`,
        );
      }
      await keys(at);
    },
  });
}

function whyNot(name: string, action: string, user: string): string {
  switch (name) {
    case "NoSuchEntityException":
      return `there is no user ${user} any more (${action}): make it again, or declare another one`;
    case "LimitExceededException":
      return `the user ${user} has two access keys already: delete the one that nobody uses (aws iam list-access-keys --user-name ${user})`;
    case "AccessDenied":
    case "AccessDeniedException":
      return `${action} is not allowed for the user ${user}: npm run rotation -- permissions says what the role that rotates needs`;
    default:
      return `${action} for the user ${user} failed (${/^[A-Za-z]{1,60}$/.test(name) ? name : "unknown"})`;
  }
}
