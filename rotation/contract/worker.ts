// The process that the rotator runs in. It takes one order, and may be killed at any moment.
import type { Strategy } from "../../infra/config/rotator";
import { type Ports, realPorts } from "../ports";
import { ownStrategy } from "../rotators/own/ownStrategy";
import type { Credential, RotatorSteps } from "../rotators/own/steps";
import type { RotationStrategy } from "../rotators/protocol";
import { clean, fail } from "./afterwards";
import { clauses } from "./clauses";
import { nothingToRevoke } from "./clauses/revoke";
import { watchStarts } from "./hooks";
import { judgeAll, seen } from "./judgeAll";
import { type Loaded, loaded } from "./loadRotator";
import type { Order, Told } from "./messages";
import { Points } from "./points";
import { remoteStore } from "./remoteStore";
import { resume } from "./resume";
import { openSite, type Site } from "./site";
import { Broken } from "./verdict";

const tell = (told: Told) => process.send?.(told);

async function run(order: Order): Promise<void> {
  watchStarts((started) => tell({ started }));
  const points = new Points((point) => tell({ point }));
  const found = loaded(order);
  if (order.what === "describe") {
    tell({ described: found.described });
    return;
  }
  const site = siteOf(found, points);
  switch (order.what) {
    case "judge":
      tell({ retiresInEmergencies: !site.retires && nothingToRevoke(site) === undefined });
      return judgeAll(site, clauses, (verdict) => tell({ verdict }));
    case "resume":
      return resume(site, order, points);
    case "fail":
      return fail(site, (said) => tell({ said }));
    case "clean":
      return clean(site);
  }
}

function siteOf({ rotator, own, isDeclared, parameters, secret, described }: Loaded, points: Points): Site {
  if (!secret) throw new Error(described.problems.join("; "));
  const made: Credential[] = [];
  const store = points.traced(remoteStore(tell), (name) => called[name]);
  // No port is asked that needs a region: values are in the store.
  const real = realPorts({ region: "us-east-1" });
  // Those that are not named here are loaded where a strategy asks for them.
  const ports = Object.create(real, {
    secretsManager: { value: store },
    postgres: { value: points.traced(real.postgres, (name) => `a database session (${name})`) },
  }) as Ports;
  const steps = own && points.traced(noting(own.steps, made), (name) => (isStep(name) ? name : undefined));
  const traced = own && steps && { ...own, steps };
  const strategy = traced
    ? ownStrategy(traced)
    : selfDriven(rotator.strategies[described.strategy] as Strategy, points);
  return openSite({
    ...{ rotator, isDeclared, givenParameters: parameters, secret, strategy, own: traced, ports, store, made },
    ...{ environment: "test", fullName: described.secret },
    say: (said) => tell({ said }),
  });
}

/** The store's functions that change something. */
const called: Readonly<Record<string, string>> = {
  write: "AWSPENDING was written",
  moveCurrent: "AWSCURRENT was moved",
  settle: "the settling update",
};

const isStep = (name: string) => ["check", "issue", "create", "set", "test", "revoke", "find"].includes(name);

function selfDriven(strategy: Strategy, points: Points): RotationStrategy {
  if (!("steps" in strategy)) throw new Broken(`the driver does not rotate it: ${strategy.watchedOnly}`);
  const names = ["check", "create", "set", "setBack", "test", "retire"];
  return points.traced(withoutWaits(strategy.steps() as RotationStrategy), (name) =>
    names.includes(name) ? name : undefined,
  );
}

/** No phase waits for the one before. */
function withoutWaits(strategy: RotationStrategy): RotationStrategy {
  const { phasing } = strategy;
  return phasing ? { ...strategy, phasing: { ...phasing, waitSeconds: () => 0 } } : strategy;
}

/** Notes each credential that is made, before anybody else has it. */
function noting(steps: RotatorSteps, made: Credential[]): RotatorSteps {
  const note = (credential: Credential) => {
    made.push(credential);
    tell({ made: credential });
    return credential;
  };
  return new Proxy(Object.create(steps) as RotatorSteps, {
    get(_, property) {
      const member: unknown = Reflect.get(steps, property, steps);
      if ((property !== "issue" && property !== "create") || typeof member !== "function") return member;
      return async (...args: unknown[]) => note((await member.apply(steps, args)) as Credential);
    },
  });
}

process.on("disconnect", () => process.exit());
process.once("message", (order: Order) => {
  void run(order)
    .then(() => undefined, seen)
    .then((ended) => process.send?.({ ended }, () => process.exit()));
});
