/** A run of GitHub Actions, and which attempt of it. */
export interface WorkflowRun {
  /** E.g. `https://github.com`. */
  readonly server: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly id: string;
  readonly attempt: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** How long GitHub may take to answer. */
const timeoutMs = 10_000;

/**
 * The run that this process belongs to; undefined: none.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export function workflowRunOf(env: Environment): WorkflowRun | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env;
  if (env.GITHUB_ACTIONS !== "true" || !server || !repository || !id) return undefined;
  return { server, repository, id, attempt: Number(env.GITHUB_RUN_ATTEMPT ?? 1) };
}

export function urlOf({ server, repository, id, attempt }: WorkflowRun): string {
  return `${server}/${repository}/actions/runs/${id}/attempts/${attempt}`;
}

/**
 * What GitHub says of a run. Needs `actions: read` of GITHUB_TOKEN, where the repository is not public.
 *
 * @returns `unknown`, with the reason, when it does not say it
 * @see https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run
 */
export async function stateOfRun(
  { server, repository, id, attempt }: WorkflowRun,
  env: Environment,
): Promise<{ state: "running" | "ended" } | { state: "unknown"; why: string }> {
  const unknown = (why: string) => ({ state: "unknown" as const, why });
  const { GITHUB_SERVER_URL = "https://github.com", GITHUB_API_URL = "https://api.github.com", GITHUB_TOKEN } = env;
  // The token is for that server alone.
  if (server !== GITHUB_SERVER_URL) return unknown(`GITHUB_SERVER_URL is ${GITHUB_SERVER_URL}`);
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^\d+$/.test(id)) return unknown("its note is not in its form");
  const headers = {
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    ...(GITHUB_TOKEN && { authorization: `Bearer ${GITHUB_TOKEN}` }),
  };
  try {
    const url = `${GITHUB_API_URL}/repos/${repository}/actions/runs/${id}`;
    const response = await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) return unknown(`GitHub answers ${response.status}; GITHUB_TOKEN needs actions: read`);
    const run = (await response.json()) as { status?: unknown; run_attempt?: unknown };
    // A run is attempted again after its end only.
    const isOver = run.status === "completed" || Number(run.run_attempt) > attempt;
    return { state: isOver ? "ended" : "running" };
  } catch (error) {
    return unknown(`GitHub is not reached: ${(error as Error).message}`);
  }
}
