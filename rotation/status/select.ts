import { closest, distance } from "fastest-levenshtein";
import { type Rotators, strategyOf } from "../../infra/config/rotator";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { UsageError } from "../errors";
import { isDue, type SecretStatus } from "./status";

const allTypes = "all";

/** What `--type` takes: all, and each kind's own type. */
export function secretTypes(rotators: Rotators): string[] {
  return [...new Set([allTypes, ...[...rotators.values()].map(({ type }) => type)])];
}

function isOfType(rotators: Rotators, type: string): (secret: SecretDeclaration) => boolean {
  return ({ kind }) => type === allTypes || rotators.get(kind)?.type === type;
}

export interface Selection {
  readonly names: readonly string[];
  readonly type: string | undefined;
  /** Given: of those that the names and the type leave, only the due ones. */
  readonly status: readonly SecretStatus[] | undefined;
}

/**
 * The secrets that a command means.
 *
 * @throws {UsageError} for a name that is not declared, and when nothing was asked for
 */
export function select(config: StackConfig, { names, type, status }: Selection): SecretDeclaration[] {
  if (names.length === 0 && type === undefined && status === undefined) {
    throw new UsageError("say what to rotate: names of secrets, --due, or --type all");
  }
  const types = secretTypes(config.rotators);
  if (type !== undefined && !types.includes(type)) {
    throw new UsageError(`--type ${type} is unknown: choose from ${types.join(", ")}`);
  }
  const unknown = names.filter((name) => !config.secrets.some((secret) => secret.name === name));
  if (unknown.length > 0) {
    const known = config.secrets.map((secret) => secret.name);
    const meant = unknown.flatMap((name) => nearest(name, known) ?? []);
    const hint = meant.length > 0 ? `; did you mean ${meant.join(", ")}?` : `; declared: ${known.join(", ") || "none"}`;
    throw new UsageError(`Pulumi.${config.stack}.yaml declares no ${unknown.join(", ")}${hint}`);
  }
  const due = status && new Set(status.filter(isDue).map(({ secret }) => secret));
  return config.secrets.filter((secret) => {
    // A secret that is named is meant, even where this software cannot rotate it: its error says why.
    if (names.length > 0 && !names.includes(secret.name)) return false;
    // Of those that are only watched, what AWS rotates may be due.
    if (names.length === 0 && due === undefined && "watchedOnly" in strategyOf(config.rotators, secret)) return false;
    if (type !== undefined && !isOfType(config.rotators, type)(secret)) return false;
    return due === undefined || due.has(secret.name);
  });
}

/**
 * What is to be said of a run that takes nothing; undefined: it takes something.
 *
 * @param closed  why a scheduled run may not rotate now
 */
export function whyNothing(
  config: StackConfig,
  asked: {
    readonly type: string | undefined;
    readonly due: boolean | undefined;
    readonly closed: string | undefined;
    readonly selected: readonly SecretDeclaration[];
  },
): string | undefined {
  const { type, due, closed, selected } = asked;
  const names = selected.map(({ name }) => name).join(", ");
  if (closed !== undefined) return `nothing is rotated: ${closed}; due: ${names || "nothing"}`;
  if (selected.length > 0) return undefined;
  const ofType = type === undefined || type === "all" ? "" : ` of type ${type}`;
  const watched = config.secrets.flatMap((secret) => {
    const { name } = secret;
    const known = strategyOf(config.rotators, secret);
    const isMeant = type !== undefined && isOfType(config.rotators, type)(secret);
    return isMeant && "watchedOnly" in known ? [`${name} is only watched: ${known.watchedOnly}`] : [];
  });
  return [`nothing${ofType} is ${due ? "due" : "rotatable"}`, ...watched].join("; ");
}

/** The name that was meant, when few letters differ; undefined: none is that near. */
function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const found = closest(name, known);
  return distance(name, found) <= Math.max(1, Math.floor(found.length / 3)) ? found : undefined;
}

/** The one secret that a command means. @throws {UsageError} when it is not declared */
export function selectOne(config: StackConfig, name: string): SecretDeclaration {
  const [secret] = select(config, { names: [name], type: undefined, status: undefined });
  if (!secret) throw new Error(`${name} was selected and is not there`);
  return secret;
}
