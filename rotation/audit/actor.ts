import { hostname, userInfo } from "node:os";
import type { AuditRecord } from "./record";

type Environment = Readonly<Record<string, string | undefined>>;
type Actor = AuditRecord["actor"];

/**
 * Who started a run. The first row that fits counts:
 *
 * | where it runs          | kind           | name                                                  |
 * |------------------------|----------------|-------------------------------------------------------|
 * | in GitHub Actions      | github-actions | who started the workflow run, or started it once more |
 * | with AWS credentials   | aws            | the caller's ARN                                      |
 * | anywhere else          | os             | user@host                                             |
 *
 * The environment is what the caller says of itself; the ARN, which AWS says, stands beside it wherever it is known.
 *
 * @param callerArn  undefined: AWS did not say it
 * @see https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export function actorOf(env: Environment, callerArn: string | undefined, osUser: string): Actor {
  const identity = callerArn === undefined ? {} : { awsIdentity: callerArn };
  if (env.GITHUB_ACTIONS === "true") {
    const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_WORKFLOW } = env;
    return {
      kind: "github-actions",
      name: env.GITHUB_TRIGGERING_ACTOR || env.GITHUB_ACTOR || "unknown",
      ...(GITHUB_WORKFLOW && { workflow: GITHUB_WORKFLOW }),
      ...(GITHUB_RUN_ID && { runUrl: `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}` }),
      ...identity,
    };
  }
  if (callerArn !== undefined) return { kind: "aws", name: callerArn, ...identity };
  return { kind: "os", name: osUser };
}

/** Why a run was started: GitHub's event (`schedule`, `push`, …), or `manual`. */
export function triggerOf(env: Environment): string {
  const event = env.GITHUB_ACTIONS === "true" ? env.GITHUB_EVENT_NAME : undefined;
  return event === undefined || event === "workflow_dispatch" ? "manual" : event;
}

/** The user of this process, and its machine; a container's user may have no name. */
export function osUser(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}@${hostname()}`;
  }
}
