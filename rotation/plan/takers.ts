import { namespacesOf } from "../../infra/config/rules";
import type { ConsumerDeclaration, SecretDeclaration } from "../../infra/config/secretSchema";
import { workloadName } from "../../infra/names";
import type { Ports } from "../ports";
import type { Way } from "../ports/podSecrets";
import type { Taker } from "../ports/takers";
import type { Asked } from "./asked";
import type { Outcome } from "./outcome";

/** Something that takes a secret's Kubernetes Secret. */
export interface FoundTaker extends Pick<Taker, "kind" | "name" | "runs" | "reloader"> {
  readonly namespace: string;
  readonly ways: ReadonlySet<Way>;
  /** Undefined: the secret does not declare it. */
  readonly consumer: ConsumerDeclaration | undefined;
}

export interface FoundTakers {
  readonly takers: readonly FoundTaker[];
  /** What may not be listed, e.g. `cronjobs.batch in shop`. */
  readonly unknown: readonly string[];
}

/** Asks the cluster what takes a secret, in every namespace that has it. */
export async function takersOf(
  secret: SecretDeclaration,
  { kubernetes }: Pick<Ports, "kubernetes">,
  asked: Asked,
): Promise<FoundTakers> {
  const target = secret.externalSecret?.target ?? "";
  const found = await Promise.all(
    namespacesOf(secret).map(async (namespace) => {
      const { takers, unlisted } = await asked.once(`takers in ${namespace}`, () => kubernetes.takers(namespace));
      return {
        unknown: unlisted.map((resource) => `${resource} in ${namespace}`),
        takers: takers.flatMap(({ takes, ...taker }): FoundTaker[] => {
          const ways = takes.get(target);
          const consumer = secret.consumers.find(
            (one) => one.namespace === namespace && one.kind === taker.kind && one.name === taker.name,
          );
          return ways ? [{ ...taker, namespace, ways, consumer }] : [];
        }),
      };
    }),
  );
  return { takers: found.flatMap(({ takers }) => takers), unknown: found.flatMap(({ unknown }) => unknown) };
}

export function takerTitle({ kind, namespace, name, ways }: FoundTaker): string {
  return `${kind} ${namespace}/${name} (${[...ways].sort().join(", ")})`;
}

/** Those that no declaration names, and that a rotation does not restart. */
export function undeclared({ takers }: FoundTakers): FoundTaker[] {
  return takers.filter(({ consumer, ways }) => consumer === undefined && [...ways].some((way) => way !== "pull"));
}

export interface TakersQuestion {
  /** Whether what they have is refused from this rotation on: a target with one credential, or an emergency. */
  readonly dies: boolean;
  /** Names of those that may be left with it, as `--leave-behind` takes them. */
  readonly leaveBehind: readonly string[];
  /** A rotation that goes on with this version has got past it. */
  readonly unlessVersion: string | undefined;
}

/** What the cluster says of the declared consumers, and of those that are not declared. */
export function judgeTakers(
  secret: SecretDeclaration,
  found: FoundTakers,
  { dies, leaveBehind, unlessVersion }: TakersQuestion,
): Outcome[] {
  const stray = undeclared(found);
  const isLeft = (taker: FoundTaker) => leaveBehind.some((name) => isNamed(taker, name));
  const stopping = stray.filter((taker) => dies && taker.runs && !isLeft(taker));
  const told = stray.filter((taker) => !stopping.includes(taker));
  const target = secret.externalSecret?.target ?? "";
  const { unknown } = found;
  return [
    ...(stopping.length > 0
      ? [
          {
            refuse: `${listed(stopping)} take${stopping.length === 1 ? "s" : ""} it too, without being declared: what ${stopping.length === 1 ? "it has" : "they have"} would be refused from then on`,
            code: "CONSUMER_UNDECLARED",
            hint: `declare it in the secret's consumers, or insist by ${stopping.map(leave).join(" ")}`,
            unlessVersion,
          } as const,
        ]
      : []),
    ...(told.length > 0
      ? [
          {
            warn: `${listed(told)} take${told.length === 1 ? "s" : ""} it too, without being declared: no rotation restarts it`,
          },
        ]
      : []),
    ...(unknown.length > 0
      ? [{ unknown: `what else takes the Kubernetes Secret ${target}: ${unknown.join(", ")} cannot be listed` }]
      : []),
    ...secret.consumers.flatMap((consumer) => ofDeclared(consumer, found)),
    ...(stray.length === 0 && unknown.length === 0
      ? [{ fact: `nothing but the declared consumers takes the Kubernetes Secret ${target}` }]
      : []),
  ];
}

function ofDeclared(consumer: ConsumerDeclaration, { takers, unknown }: FoundTakers): Outcome[] {
  const title = `${consumer.kind} ${consumer.namespace}/${consumer.name}`;
  const found = takers.find((taker) => taker.consumer && workloadName(taker.consumer) === workloadName(consumer));
  if (!found) {
    if (unknown.length > 0) return [];
    return [
      { warn: `${title} is declared as a consumer, and its pods do not take the secret: it is restarted for nothing` },
    ];
  }
  const declaredWays: readonly Way[] = consumer.takes === "env" ? ["env"] : ["volume", "subPath"];
  if (declaredWays.some((way) => found.ways.has(way))) return [];
  return [
    { warn: `${title} takes the secret as ${[...found.ways].join(", ")}, and not as ${consumer.takes}, as declared` },
  ];
}

function listed(takers: readonly FoundTaker[]): string {
  return takers.map(takerTitle).join(", ");
}

function leave(taker: FoundTaker): string {
  return `--leave-behind ${nameOf(taker)}`;
}

/** As a person types it, e.g. `deployment/shop/worker`. */
function nameOf({ kind, namespace, name }: FoundTaker): string {
  return `${kind.toLowerCase()}/${namespace}/${name}`;
}

/** By its whole name, or without its kind, or by the last part alone. */
function isNamed(taker: FoundTaker, name: string): boolean {
  return nameOf(taker) === name.toLowerCase() || nameOf(taker).endsWith(`/${name.toLowerCase()}`);
}
