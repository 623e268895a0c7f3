import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noRotation } from "../../infra/rotation";
import { type PolicyViolation, runVariable, whileRotatingSecrets } from "../../policies/rules";
import { type PlannedSecret, rotatingSecret } from "../plan/planRotation";
import type { Interruption } from "../run/interruption";
import type { OpenStack } from "../stack/openStack";
import { knownIn, type RecordedStack } from "../stack/recordedStack";
import { preview, targetsOf } from "../stack/update";
import { ownUrns } from "../stack/urns";
import type { PolicyPack } from "./packConfig";

export interface Previewing {
  readonly open: OpenStack;
  readonly recorded: RecordedStack;
  readonly now: string;
  readonly interruption: Interruption;
  /** The policies to judge it by; undefined: none. */
  readonly pack: PolicyPack | undefined;
}

export interface Previewed {
  /** URNs of what would be changed, with the engine's word for it. */
  readonly touched: ReadonlyMap<string, string>;
  readonly violations: readonly PolicyViolation[];
}

/** Asks the engine what the rotation of these secrets would do, and the policies what they say of it. Touches nothing. */
export async function previewRotation(plans: readonly PlannedSecret[], previewing: Previewing): Promise<Previewed> {
  const { open, recorded, now, interruption, pack } = previewing;
  const touched = new Map<string, string>();
  const violations: PolicyViolation[] = [];
  const rotating = new Map(
    // The preview needs to know that there is a new value, not which.
    plans.map((plan) => [plan.context.secret.name, rotatingSecret(plan, plan.newValue && "previewed")]),
  );
  const rotation = { ...noRotation(now), rotating, known: knownIn(recorded) };
  const names = [...rotating.keys()];
  // Without targets the engine would preview the whole stack.
  if (names.length === 0) return { touched, violations };
  const run = (policy: { packs: string[]; configs: string[] }) =>
    preview(open, rotation, {
      targets: targetsOf(open, new Set(names), "all"),
      message: "preview of a rotation",
      interruption,
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
