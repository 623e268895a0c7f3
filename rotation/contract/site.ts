import type { Rotator } from "../../infra/config/rotator";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { tags } from "../../infra/names";
import { Findings } from "../findings";
import type { Observer } from "../observer";
import type { Found } from "../plan/found";
import type { Ports } from "../ports";
import { versionWith } from "../ports/secretsManager";
import { credentialIn, guarded } from "../rotators/own/guarded";
import type { OwnKind } from "../rotators/own/ownKind";
import type { Credential, RotatorSteps, StepContext } from "../rotators/own/steps";
import type { RotationStrategy, StrategyContext } from "../rotators/protocol";
import type { Step } from "../steps";
import { waitFor } from "../waitFor";
import type { Store } from "./remoteStore";
import { Broken } from "./verdict";

/** How long a target may take to accept a new credential, and to refuse an old one, in seconds. */
const settlesWithinSeconds = 30;

/** A rotator at work on one secret, which nothing but it knows. */
export interface Site {
  readonly rotator: Rotator;
  /** Its steps are taken by a program or an endpoint, as a stack's configuration says. */
  readonly isDeclared: boolean;
  /** What the parameters were before its schema read them. */
  readonly givenParameters: unknown;
  readonly secret: SecretDeclaration;
  readonly strategy: RotationStrategy;
  /** Undefined: the strategy drives itself. */
  readonly own: OwnKind | undefined;
  readonly ports: Ports;
  readonly store: Store;
  readonly observer: Observer;
  /** What an issuer has made so far. */
  readonly made: Credential[];
  /** Whether an ordinary rotation is followed by a retirement, and not an emergency's alone. */
  readonly retires: boolean;
  found(emergency?: boolean): Promise<Found>;
  /** The texts with AWSCURRENT and AWSPREVIOUS. */
  values(): Promise<{ current: string; previous: string | undefined }>;
  /** Runs one step of the rotator as the driver does. */
  step<T>(verb: keyof RotatorSteps, work: (at: StepContext, steps: RotatorSteps) => Promise<T>): Promise<T>;
  /** Of a value that has one. */
  credential(value: string): Credential;
  /** Of every version that has a label. */
  known(): Promise<Credential[]>;
  /** What `find` gives beyond the known ones and these; undefined: it has no `find`. */
  leftovers(...more: readonly Credential[]): Promise<readonly Credential[] | undefined>;
  /** Whether the target accepts a value now; undefined: there is nobody to ask. */
  accepts(value: string): Promise<boolean | undefined>;
  /** Waits until the target accepts a value, or refuses it. @throws {Broken} when it does not */
  becomes(value: string, verdict: "accepted" | "refused", what: string): Promise<void>;
}

interface Parts
  extends Pick<Site, "rotator" | "isDeclared" | "givenParameters" | "secret" | "own" | "ports" | "store"> {
  readonly strategy: RotationStrategy;
  readonly environment: string;
  readonly fullName: string;
  readonly made: Credential[];
  /** Is told of findings, events and errors. */
  say(text: string): void;
}

export function openSite({ say, environment, fullName, ...parts }: Parts): Site {
  const { secret, strategy, own, ports, store } = parts;
  const findings = new Findings();
  const context = async (emergency: boolean): Promise<StrategyContext> => {
    const rotatedAt = (await store.describe(fullName))?.tags[tags.rotatedAt];
    const at = { secret, environment, fullName, arn: fullName, ports, emergency, reloaded: new Map(), findings };
    return { ...at, rotatedAt: rotatedAt === undefined ? undefined : new Date(rotatedAt) };
  };
  const site: Site = {
    ...parts,
    retires: strategy.phasing !== undefined && strategy.overlap !== "expiring",
    observer: {
      stepStarted: (_, step) => say(`${step} started`),
      stepEnded: (_, step, error) =>
        say(`${step} ended ${error?.message ?? ""} ${findings.facts} ${findings.warnings}`),
    },
    async found(emergency = false) {
      const live = await store.describe(fullName);
      if (!live) throw new Error("the store has lost its secret");
      const recorded = await store.recorded();
      return {
        ...{ context: await context(emergency), strategy, live, workloads: new Map() },
        recorded: {
          ...{
            provisioned: true,
            arn: live.arn,
            ...recorded,
            rotation: false,
            retirePending: false,
            unreleased: [],
            workloads: [],
            annotated: [],
            pending: false,
            cutOff: false,
          },
          objects: { externalSecrets: new Map(), patches: new Map() } as never,
          told: () => false,
          reached: () => false,
        },
      };
    },
    async values() {
      const live = await store.describe(fullName);
      const read = async (stage: string) => {
        const id = live && versionWith(stage, live);
        return id === undefined ? undefined : store.value(fullName, id);
      };
      const [current, previous] = [await read("AWSCURRENT"), await read("AWSPREVIOUS")];
      if (current === undefined) throw new Broken("no version has AWSCURRENT");
      return { current, previous };
    },
    async step(verb, work) {
      if (!own) throw new Error("a strategy that drives itself has no such steps");
      return guarded(await context(false), stepOf(verb), verb, (at) => work(at, own.steps));
    },
    credential(value) {
      const found = credentialIn(value, own?.properties ?? []);
      if (!found) throw new Broken(`the stored value has not all of ${own?.properties.join(", ")}`);
      return found;
    },
    async known() {
      const live = await store.describe(fullName);
      const values = await Promise.all(Object.keys(live?.stages ?? {}).map((id) => store.value(fullName, id)));
      return values.flatMap((value) => (value === undefined ? [] : [site.credential(value)]));
    },
    async leftovers(...more) {
      if (!own?.steps.find) return undefined;
      const known = [...(await site.known()), ...more];
      return site.step("find", async (at, steps) => (await steps.find?.(at, known)) ?? []);
    },
    async accepts(value) {
      if (own) return (await site.step("test", (at, steps) => steps.test(at, site.credential(value)))) === "accepted";
      return strategy.overlap === "consumers-only" ? undefined : strategy.accepts(await context(false), value);
    },
    async becomes(value, verdict, what) {
      const look = async () => {
        const accepted = await site.accepts(value);
        return accepted === undefined || accepted === (verdict === "accepted") ? true : undefined;
      };
      if (await waitFor(look, { timeoutSeconds: verdict === "accepted" ? 5 : settlesWithinSeconds })) return;
      throw new Broken(`${what} is ${verdict === "accepted" ? "refused" : "still accepted"}`);
    },
  };
  return site;
}

/** The driver's step in which a rotator's is run. */
function stepOf(verb: keyof RotatorSteps): Step {
  const steps: Record<keyof RotatorSteps, Step> = {
    ...{ check: "check", issue: "create", create: "create", set: "set", test: "test" },
    ...{ revoke: "retire", find: "create", lastUsed: "check" },
  };
  return steps[verb];
}
