import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noRotation, type RotatingSecret } from "../../infra/rotation";
import { ownUrns } from "../../infra/urns";
import { type PolicyViolation, runVariable, whileRotatingSecrets } from "../../policies/rules";
import type { Interruption } from "../interruption";
import type { PlannedSecret } from "../plan/plannedSecret";
import { rotatingSecret } from "../plan/planRotation";
import type { OpenStack } from "../stack/openStack";
import { knownIn, type RecordedStack } from "../stack/recordedStack";
import { preview, targetsOf } from "../stack/update";
import type { PolicyPack } from "./packConfig";

export interface Previewing {
  readonly open: OpenStack;
  readonly recorded: RecordedStack;
  readonly now: string;
  readonly interruption: Interruption;
  /** Aborted when nobody needs it any more. */
  readonly abandoned?: AbortSignal;
  /** The policies to judge it by; undefined: none. */
  readonly pack: PolicyPack | undefined;
}

export interface Previewed {
  /** URNs of what would be changed, with the engine's word for it. */
  readonly touched: ReadonlyMap<string, string>;
  readonly violations: readonly PolicyViolation[];
}

/** What a preview goes by, by the name of the secret. */
export type Foreseen = ReadonlyMap<string, RotatingSecret>;

/** The preview needs to know that there is a new value, not which. */
export const anyValue = "previewed";

export function foreseen(plans: readonly PlannedSecret[]): Foreseen {
  return new Map(plans.map((plan) => [plan.context.secret.name, rotatingSecret(plan, plan.newValue && anyValue)]));
}

/** Asks the engine what the rotation of these secrets would do, and the policies what they say of it. Touches nothing. */
export async function previewRotation(rotating: Foreseen, previewing: Previewing): Promise<Previewed> {
  const { open, recorded, now, interruption, pack, abandoned } = previewing;
  const touched = new Map<string, string>();
  const violations: PolicyViolation[] = [];
  const rotation = { ...noRotation(now), rotating, known: knownIn(recorded) };
  const names = [...rotating.keys()];
  // Without targets the engine would preview the whole stack.
  if (names.length === 0) return { touched, violations };
  const unwritten = new Set(names.filter((name) => rotating.get(name)?.adopted && rotating.get(name)?.version === 0));
  const run = (policy: { packs: string[]; configs: string[] }) =>
    preview(open, rotation, {
      targets: targetsOf(open, new Set(names), "all", (name) => rotating.get(name)?.reloaded, unwritten),
      message: "preview of a rotation",
      interruption,
      ...(abandoned && { abandoned }),
      policy,
      onResource: ({ urn, op, phase }) => {
        if (phase === "started" && op !== "same") touched.set(urn, op);
      },
      onViolation: ({ policy: name, level, urn, message }) =>
        violations.push({ policy: name, level, secret: secretOf(open, urn), message }),
    });
  if (pack === undefined) await run({ packs: [], configs: [] });
  else {
    // The pack believes what the file says of the rotation, since its environment says the same run.
    const { envVars } = open.stack.workspace;
    envVars[runVariable] ??= randomUUID();
    const config = whileRotatingSecrets(pack.config, names, envVars[runVariable]);
    await withFile(JSON.stringify(config), (config) => run({ packs: [pack.folder], configs: [config] }));
  }
  return { touched, violations };
}

/** The secret that a resource belongs to; a workload or the stack itself belongs to none. */
function secretOf({ config }: OpenStack, urn: string): string | undefined {
  return config.secrets.find((secret) => ownUrns(config.stack, secret).includes(urn))?.name;
}

/** The engine takes a pack's configuration as a file. It holds names and limits, no value. */
async function withFile<T>(text: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "secret-rotation-"));
  try {
    const file = join(folder, "policies.json");
    writeFileSync(file, text);
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
