import { fullName, tags } from "../../infra/names";
import type { LaterPhase, Phase } from "../../policies/rules/phases";
import { Findings } from "../findings";
import { versionWith } from "../ports/secretsManager";
import type { Phasing, StrategyContext, Together } from "../rotators/protocol";
import type { KubernetesRun } from "./asked";
import { currentText, dateOf, type Found } from "./found";
import { phaseOf } from "./phaseOf";

/** What is known of the secrets beside the one that is planned. */
export type StackRun = Pick<KubernetesRun, "config" | "asked">;

/**
 * Whether a phase has to wait for secrets of the stack that go through it together with this one. Which, and why, is told. One that
 * has no value yet holds up nobody.
 */
export async function isHeldByOthers(
  { context }: Pick<Found, "context">,
  phasing: Phasing,
  phase: LaterPhase,
  run: StackRun | undefined,
): Promise<boolean> {
  const { together } = phasing;
  const { secret, findings } = context;
  const shared = together?.sharedBy({ secret });
  if (!together || !run || shared === undefined) return false;
  const others = run.config.secrets.filter(
    (one) =>
      one.name !== secret.name &&
      one.kind === secret.kind &&
      one.strategy === secret.strategy &&
      together.sharedBy({ secret: one }) === shared,
  );
  const reasons = await Promise.all(
    others.map(async (other) => ({
      name: other.name,
      why: await run.asked.once(`${phase} beside ${other.name}`, () => {
        const at = { environment: run.config.environment, fullName: fullName(run.config.environment, other.name) };
        return whyNotReady({ ...context, ...at, secret: other }, { phasing, together, phase });
      }),
    })),
  );
  const held = reasons.filter(({ why }) => why !== undefined);
  if (held.length === 0) return false;
  const told = held.map(({ name, why }) => `${name} ${why?.text}`).join("; ");
  const behind = held.flatMap(({ name, why }) => (why?.isBehind ? [name] : []));
  const toDo = behind.length > 0 ? `. Run: npm run rotate -- ${behind.join(" ")}` : "";
  findings.warn(`${phase} waits for the other secrets by ${shared}: ${told}${toDo}`);
  return true;
}

const before = { activate: "prepare", retire: "activate" } as const satisfies Record<LaterPhase, Phase>;

interface Reason {
  /** The rest of a sentence about the secret. */
  readonly text: string;
  /** Whether a run of that secret has something to do now. */
  readonly isBehind: boolean;
}

/** Undefined: it holds up nothing. */
async function whyNotReady(
  other: StrategyContext,
  { phasing, together, phase }: { phasing: Phasing; together: Together; phase: LaterPhase },
): Promise<Reason | undefined> {
  const live = await other.ports.secretsManager.describe(other.fullName);
  if (!live || live.deletedAt) return undefined;
  const rotatedAt = dateOf(live.tags[tags.rotatedAt]);
  const context = { ...other, arn: live.arn, rotatedAt, emergency: false, findings: new Findings() };
  const { value } = await currentText({ context, live });
  if (value === undefined) return undefined;
  if (!(await together.isReadyFor(context, phase, value))) {
    return { text: `has not been through ${before[phase]}`, isBehind: true };
  }
  if (live.tags[tags.rotatedVersion] !== versionWith("AWSCURRENT", live)) {
    return { text: "has a version that no run has brought to all consumers", isBehind: true };
  }
  const next = await phaseOf({ context, live }, phasing);
  const waits = next.state === "waiting" && next.phase === phase;
  return waits ? { text: `waits itself until ${next.until.toISOString()}`, isBehind: false } : undefined;
}
