/** What the engine tells a policy pack of the stack it is started for, by its environment. */
export interface StackContext {
  /** Undefined where the pack is started for no stack, e.g. to be published. */
  readonly stack: string | undefined;
  /** Prefix of the secrets' names: the stack's configuration `<project>:environment`, else the stack's name. */
  readonly environment: string | undefined;
  /** Consumers that the stack's configuration declares, e.g. `Deployment/shop/web`. */
  readonly consumers: readonly string[];
}

/** Reads PULUMI_NODEJS_STACK, PULUMI_NODEJS_PROJECT and PULUMI_CONFIG, which the engine or its language host sets. */
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
  };
}

/** The stack's own program validates what is declared; here only what can be read counts. */
function consumersOf(secrets: unknown): string[] {
  const declared = (Array.isArray(secrets) ? secrets : []).flatMap((secret: unknown) =>
    isRecord(secret) && Array.isArray(secret.consumers) ? secret.consumers : [],
  );
  return declared
    .filter(isRecord)
    .map(({ kind = "Deployment", namespace, name }) => `${String(kind)}/${String(namespace)}/${String(name)}`);
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
