import { restartAnnotation, tags } from "../../infra/names";
import type { Stand } from "../demo/stand";
import type { SecretWorld, World } from "./world";

/** What a rotation has made of a world, in a form that is the same for every run that ended well. */
export interface EndState {
  /** By name. */
  readonly secrets: Readonly<Record<string, object>>;
  /** By name: how many rollouts there were. */
  readonly rollouts: Readonly<Record<string, number>>;
  readonly state: object;
}

export async function endState(stand: Stand, before: World, after: World): Promise<EndState> {
  const workloads = Object.entries(after.workloads);
  const rollouts = workloads.map(([name, { revision }]) => [name, revision - (before.workloads[name]?.revision ?? 0)]);
  const secrets = Object.entries(after.secrets).map(([name, secret]) => {
    const templates = workloads.map(([, { annotations }]) => annotations[restartAnnotation(stand.stack, name)]);
    return [name, secretEnd(before.secrets[name], secret, templates)] as const;
  });
  return {
    secrets: Object.fromEntries(secrets),
    rollouts: Object.fromEntries(rollouts),
    state: await recordedState(stand),
  };
}

function secretEnd(
  before: SecretWorld | undefined,
  after: SecretWorld,
  templates: readonly (string | undefined)[],
): object {
  // A version is named by the labels that it had.
  const who = (id: string | undefined) => {
    if (id === undefined) return undefined;
    return before?.stages[id] === undefined ? "new" : `was ${before.stages[id].toSorted().join("+") || "unlabelled"}`;
  };
  const labels = Object.entries(after.stages).flatMap(([id, some]) => some.map((label) => [label, who(id)] as const));
  const { [tags.rotatedVersion]: version, [tags.rotatedAt]: at, [tags.rotatedBy]: by, ...kept } = after.tags;
  return {
    labels: Object.fromEntries(labels.toSorted()),
    inKubernetes: Object.values(after.inKubernetes).map(who),
    templates: templates.map(who),
    accepted: after.accepted,
    isNewValue: after.digests.AWSCURRENT !== before?.digests.AWSCURRENT,
    previousIsTheOneBefore: after.digests.AWSPREVIOUS === before?.digests.AWSCURRENT,
    tags: kept,
    stampedVersion: who(version),
    stampedAnew: at !== before?.tags[tags.rotatedAt] && by !== before?.tags[tags.rotatedBy],
  };
}

interface Exported {
  readonly deployment: {
    readonly resources: { readonly urn: string; readonly delete?: boolean }[];
    readonly pending_operations?: unknown[];
  };
}

/** What the stack's state holds. */
async function recordedState(stand: Stand): Promise<object> {
  const { stdout } = await stand.pulumi("stack", "export", "--show-secrets", "--stack", stand.stack);
  const { resources, pending_operations } = (JSON.parse(stdout) as Exported).deployment;
  return {
    // How many different texts its ciphertexts have: one, the placeholder.
    secretTexts: new Set([...stdout.matchAll(/"plaintext": *"(.*)"/g)].map(([, text]) => text)).size,
    resources: resources.length,
    toDelete: resources.filter((resource) => resource.delete).map(({ urn }) => urn),
    pendingOperations: pending_operations?.length ?? 0,
  };
}
