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

/** Reads PULUMI_NODEJS_STACK, PULUMI_NODEJS_PROJECT and PULUMI_CONFIG, which the engine or its language host sets, and what the driver does. */
export function readStackContext(env: Readonly<Record<string, string | undefined>>): StackContext {
  const stack = env.PULUMI_NODEJS_STACK || undefined;
  const config = parsed(env.PULUMI_CONFIG);
  const own = (key: string) => (isRecord(config) ? config[`${env.PULUMI_NODEJS_PROJECT}:${key}`] : undefined);
  const environment = own("environment");
  const secrets = own("secrets");
  return {
    stack,
    environment: typeof environment === "string" && environment !== "" ? environment : stack,
    consumers: consumersOf(typeof secrets === "string" ? parsed(secrets) : secrets),
    run: env[runVariable] || undefined,
  };
}

/** The stack's own program validates what is declared; here only what can be read counts. */
function consumersOf(secrets: unknown): Consumption[] {
  return (Array.isArray(secrets) ? secrets : []).filter(isRecord).flatMap(({ consumers, externalSecret }) => {
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
