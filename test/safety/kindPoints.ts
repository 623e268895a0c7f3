import type { Phase } from "../../policies/rules/phases";
import type { KindName } from "../kinds/declared";
import type { Point } from "./points";

/** The secrets whose rotations are killed in their phases. That of kind jwt has one phase: it is killed with the others of its strategy. */
export type PhasedName = Exclude<KindName, "jwt">;

/** What one run does to one secret. */
export interface PhasedRun {
  /** `issued`: the issuer makes a key, which is written as a version; `written`: a version; `revoked`: no version, a key is revoked. */
  readonly way: "issued" | "written" | "revoked";
  /** What its tags and its value say when the run has ended. */
  readonly phase: Phase;
  /** Whether its consumers get another credential: another key, serial or kid. */
  readonly isNew: boolean;
  /** How many there are then: keys at the issuer, CAs in the bundle, keys in the public set. */
  readonly count: 1 | 2;
}

/** One run of a whole rotation: all that come to their next phase in it. */
export interface KindRun {
  readonly name: Phase;
  readonly secrets: Readonly<Partial<Record<PhasedName, PhasedRun>>>;
}

const prepared = { way: "written", phase: "prepare", isNew: false, count: 2 } as const;
const activated = { way: "written", phase: "activate", isNew: true, count: 2 } as const;
const retired = { way: "written", phase: "retire", isNew: false, count: 1 } as const;

/** A whole rotation. `mailer` (order immediate) has two phases, and comes to the last one in the second run. */
export const kindRuns: readonly KindRun[] = Object.freeze<KindRun[]>([
  {
    name: "prepare",
    secrets: {
      acme: { ...prepared, way: "issued" },
      mailer: { ...activated, way: "issued" },
      "web-tls": prepared,
      tokens: prepared,
    },
  },
  {
    name: "activate",
    secrets: { acme: activated, mailer: { ...retired, way: "revoked" }, "web-tls": activated, tokens: activated },
  },
  { name: "retire", secrets: { acme: { ...retired, way: "revoked" }, "web-tls": retired, tokens: retired } },
]);

/** A moment of a run through a phase, and which secrets come there. */
export interface KindPoint extends Point {
  readonly comes: (run: PhasedRun) => boolean;
}

const all = () => true;
const issued = ({ way }: PhasedRun) => way === "issued";
const written = ({ way }: PhasedRun) => way !== "revoked";
const revoked = ({ way }: PhasedRun) => way === "revoked";
const retires = ({ phase }: PhasedRun) => phase === "retire";

export const kindPoints: readonly KindPoint[] = Object.freeze<KindPoint[]>([
  { step: "check", name: "has passed", held: { mark: "ended" }, driverOnly: true, comes: all },
  { step: "create", name: "asks the issuer", held: { issuer: "POST", when: "before" }, comes: issued },
  { step: "create", name: "is made, not answered", held: { issuer: "POST", when: "after" }, comes: issued },
  { step: "create", name: "is made, not written", held: { aws: "PutSecretValue", when: "before" }, comes: written },
  { step: "create", name: "is written, not recorded", held: { aws: "PutSecretValue", when: "after" }, comes: written },
  { step: "test", name: "has passed", held: { mark: "ended" }, driverOnly: true, comes: written },
  {
    step: "finish",
    name: "has moved, not answered",
    held: { call: "secretsManager.moveCurrent", when: "after" },
    comes: written,
  },
  { step: "sync", name: "begins", held: { kubernetes: "externalsecrets", when: "before" }, comes: written },
  {
    step: "sync",
    name: "is told, not recorded",
    held: { kubernetes: "externalsecrets", when: "after" },
    comes: written,
  },
  { step: "rollout", name: "begins", held: { kubernetes: "deployments", when: "before" }, comes: written },
  {
    step: "rollout",
    name: "is told, not recorded",
    held: { kubernetes: "deployments", when: "after" },
    comes: written,
  },
  { step: "verify", name: "begins", held: { mark: "started" }, driverOnly: true, comes: all },
  { step: "retire", name: "begins", held: { mark: "started" }, driverOnly: true, comes: retires },
  {
    step: "retire",
    name: "asks the issuer",
    held: { issuer: "DELETE", when: "before" },
    driverOnly: true,
    comes: revoked,
  },
  {
    step: "retire",
    name: "is revoked, not answered",
    held: { issuer: "DELETE", when: "after" },
    driverOnly: true,
    comes: revoked,
  },
  { step: "retire", name: "has ended", held: { mark: "ended" }, driverOnly: true, comes: retires },
  { step: "settle", name: "begins", held: { mark: "started" }, driverOnly: true, comes: all },
  // What is retired is stamped by the driver at once, and then by the engine.
  {
    step: "settle",
    name: "is stamped by the driver",
    held: { call: "secretsManager.tag", when: "after" },
    driverOnly: true,
    comes: retires,
  },
  {
    step: "settle",
    name: "has stamped, not recorded",
    held: { aws: "TagResource", when: "after" },
    comes: (run) => !retires(run),
  },
  {
    step: "settle",
    name: "has taken its tags, not recorded",
    held: { aws: "UntagResource", when: "after" },
    comes: retires,
  },
  {
    step: "settle",
    name: "has ended",
    held: { mark: "ended" },
    driverOnly: true,
    done: true,
    comes: (run) => !retires(run),
  },
]);
