import { definePolicy, levelByEnvironment, type PolicyRun, type Resource } from "./pack/definePolicy";
import { externalSecretOf, namespaceOf } from "./pack/kubernetes";
import { at, type Plain, textAt } from "./pack/plain";
import { isExternalSecretsType } from "./pack/types";
import { waivers } from "./rules/configSchema";
import { isDevelopment } from "./rules/environments";
import { goDurationSeconds } from "./rules/goDuration";
import type { Checked } from "./rules/secret";

interface Config {
  /** Longest refreshInterval outside of development; default 5m. */
  readonly maxRefreshInterval?: string;
  /** Longest refreshInterval in development; default 15m. */
  readonly developmentMaxRefreshInterval?: string;
}

const defaultMax = "5m";
const defaultDevelopmentMax = "15m";
/** What External Secrets takes where an ExternalSecret says nothing. */
const operatorsDefaults = { refreshInterval: "1h", deletionPolicy: "Retain", creationPolicy: "Owner" };

const interval = (description: string, value: string) => ({
  type: "string" as const,
  description: `${description}, from 1m to 1h`,
  default: value,
  pattern: "^([1-9]|[1-5][0-9]|60)m$|^1h$",
});
const isStore = (type: string) =>
  isExternalSecretsType(type, "SecretStore") || isExternalSecretsType(type, "ClusterSecretStore");
const isExternalSecret = (type: string) => isExternalSecretsType(type, "ExternalSecret");

/**
 * An ExternalSecret follows its secret: a change in Secrets Manager arrives by itself, and a failing provider takes no
 * value away. Source: the ExternalSecret, and the stores of the stack. Default: refreshInterval at most 5m, in
 * development 15m; deletionPolicy Retain, creationPolicy Owner.
 */
export const externalSecretFollows = definePolicy<Config>({
  name: "external-secret-follows",
  description: "An ExternalSecret keeps up with its secret, and keeps the value when the provider fails.",
  enforcementLevel: levelByEnvironment,
  configSchema: {
    maxRefreshInterval: interval("Longest refreshInterval outside of development", defaultMax),
    developmentMaxRefreshInterval: interval("Longest refreshInterval in development", defaultDevelopmentMax),
    ...waivers("resource"),
  },
  appliesTo: (type) => isExternalSecret(type) || isStore(type),
  validate: (resource, run) => {
    const { id } = externalSecretOf(resource);
    const checked = { names: [id, resource.name], violations: [] };
    if (!isExternalSecret(resource.type)) return checked;
    const spec = at(resource.props, "spec");
    const messages = [...refreshProblems(spec, run), ...policyProblems(spec)];
    return { ...checked, violations: messages.map((message) => ({ message: `ExternalSecret ${id} ${message}` })) };
  },
  validateStack: (resources) => {
    const stores = new Set(resources.filter(({ type }) => isStore(type)).map(storeOf));
    return resources
      .filter(({ type }) => isExternalSecret(type))
      .flatMap((resource) => storeProblems(resource, stores));
  },
});

function refreshProblems(spec: Plain, run: PolicyRun<Config>): string[] {
  const { maxRefreshInterval, developmentMaxRefreshInterval } = run.config;
  const limit = isDevelopment(run.environment)
    ? (developmentMaxRefreshInterval ?? defaultDevelopmentMax)
    : (maxRefreshInterval ?? defaultMax);
  const problems: string[] = [];
  const refreshPolicy = at(spec, "refreshPolicy");
  if (refreshPolicy === "CreatedOnce" || refreshPolicy === "OnChange") {
    problems.push(`has refreshPolicy ${refreshPolicy}, so it never reads a rotated value: set it to Periodic`);
  }
  const written = at(spec, "refreshInterval") ?? operatorsDefaults.refreshInterval;
  if (typeof written === "symbol") return problems;
  const seconds = goDurationSeconds(String(written));
  const longest = goDurationSeconds(limit) ?? 0;
  if (seconds === undefined) problems.push(`has a refreshInterval that is no duration: set it to ${limit} or less`);
  else if (seconds <= 0) problems.push(`has refreshInterval 0, so it never reads a rotated value: set it to ${limit}`);
  else if (seconds > longest) {
    problems.push(
      `has refreshInterval ${seconds}s, its limit is ${longest}s (${run.environment}): set it to ${limit} or less`,
    );
  }
  return problems;
}

function policyProblems(spec: Plain): string[] {
  const wanted = [
    ["deletionPolicy", operatorsDefaults.deletionPolicy, "so a failing provider takes the value from the workloads"],
    ["creationPolicy", operatorsDefaults.creationPolicy, "so nothing creates and keeps its Kubernetes Secret"],
  ] as const;
  return wanted.flatMap(([property, right, consequence]) => {
    const value = at(spec, "target", property) ?? right;
    return value === right || typeof value === "symbol"
      ? []
      : [`has a ${property} other than ${right}, ${consequence}: set it to ${right}`];
  });
}

function storeProblems(resource: Resource, stores: ReadonlySet<string>): Checked[] {
  const { id, namespace } = externalSecretOf(resource);
  const reference = at(resource.props, "spec", "secretStoreRef");
  const name = at(reference, "name");
  // Without a reference of its own each entry names a source; an unknown one is looked at during the update.
  if (typeof name !== "string") return [];
  const kind = textAt(reference, "kind") ?? "SecretStore";
  const store = kind === "ClusterSecretStore" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
  if (stores.has(store)) return [];
  const message = `ExternalSecret ${id} names the ${store}, which is not in this stack: declare it, or name one that is`;
  return [{ names: [id, resource.name], violations: [{ message }], urn: resource.urn }];
}

function storeOf({ type, name, props }: Resource): string {
  const object = textAt(props, "metadata", "name") ?? name;
  return isExternalSecretsType(type, "ClusterSecretStore")
    ? `ClusterSecretStore ${object}`
    : `SecretStore ${namespaceOf(props)}/${object}`;
}
