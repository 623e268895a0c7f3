import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runVariable } from "../rules/rotatingNow";

/** A rotation of a secret restarts a workload. */
export interface Consumption {
  /** E.g. `Deployment/shop/web`. */
  readonly workload: string;
  /** The Kubernetes Secret, `namespace/name`. */
  readonly secret: string;
}

/** What the engine tells a policy pack of the stack it is started for, by its environment. */
export interface StackContext {
  /** Undefined where the pack is started for no stack, e.g. to be published. */
  readonly stack: string | undefined;
  /** Prefix of the secrets' names: the stack's configuration `<project>:environment`, else the stack's name. */
  readonly environment: string | undefined;
  /** Consumers that the stack's configuration declares. */
  readonly consumers: readonly Consumption[];
  /** What the driver says of its run; undefined: it is not the driver's. */
  readonly run: string | undefined;
}

/** The pack's folder stands in the project's. */
const project = resolve(__dirname, "../..");

/**
 * Reads PULUMI_NODEJS_STACK, PULUMI_NODEJS_PROJECT and PULUMI_CONFIG, which the engine or its language host sets, and what the
 * driver does.
 *
 * @param folder  the project's: the files that the configuration names are read there
 */
export function readStackContext(
  env: Readonly<Record<string, string | undefined>>,
  folder: string = project,
): StackContext {
  const stack = env.PULUMI_NODEJS_STACK || undefined;
  const config = parsed(env.PULUMI_CONFIG);
  const own = (key: string) => (isRecord(config) ? config[`${env.PULUMI_NODEJS_PROJECT}:${key}`] : undefined);
  const environment = own("environment");
  const list = (key: string) => {
    const value = own(key);
    const found = typeof value === "string" ? parsed(value) : value;
    return Array.isArray(found) ? found : [];
  };
  const secrets = [...list("secrets"), ...list("secretFiles").flatMap((file) => secretsOf(String(file), folder))];
  return {
    stack,
    environment: typeof environment === "string" && environment !== "" ? environment : stack,
    consumers: consumersOf(secrets),
    run: env[runVariable] || undefined,
  };
}

// The stack's own program validates what is declared; here only what can be read counts.
function secretsOf(file: string, folder: string): unknown[] {
  try {
    const { load, CORE_SCHEMA } = require("js-yaml") as typeof import("js-yaml");
    const secrets = load(readFileSync(resolve(folder, file), "utf8"), { schema: CORE_SCHEMA });
    return Array.isArray(secrets) ? secrets : [];
  } catch {
    return [];
  }
}

function consumersOf(secrets: readonly unknown[]): Consumption[] {
  return secrets.filter(isRecord).flatMap(({ consumers, externalSecret }) => {
    const declared = Array.isArray(consumers) ? consumers.filter(isRecord) : [];
    const target = isRecord(externalSecret) ? externalSecret.target : undefined;
    return declared.map(({ kind = "Deployment", namespace, name }) => ({
      workload: `${String(kind)}/${String(namespace)}/${String(name)}`,
      secret: `${String(namespace)}/${String(target)}`,
    }));
  });
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const stackContext = readStackContext(process.env);
