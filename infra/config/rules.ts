import { awsConsumerTitle } from "../names";
import { daysBetweenRotations } from "./nativeSchema";
import type { Problem } from "./problem";
import { type Rotators, strategyOf } from "./rotator";
import type { SecretDeclaration } from "./secretSchema";

/** With where each is declared, e.g. `secrets[2]`. */
type Located = readonly { readonly at: string; readonly secret: SecretDeclaration }[];

/**
 * The keys that Kubernetes wants of a Secret of a type.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
 */
const keysOfType: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
};

/** What one declaration must fulfil beyond the shape of its fields. */
export function problemsOfSecret(secret: SecretDeclaration, rotators: Rotators, at: string): Problem[] {
  const problems: Problem[] = [];
  const report = (path: string, message: string) => problems.push({ path: `${at}.${path}`, message });
  const strategy = strategyOf(rotators, secret);
  const namespaces = [...secret.consumers.map((c) => c.namespace), ...(secret.externalSecret?.namespaces ?? [])];
  if (secret.externalSecret && namespaces.length === 0) {
    report("externalSecret.namespaces", "no consumer says a namespace: name at least one here");
  }
  const { type, keys = [] } = secret.externalSecret ?? {};
  const lacking = (keysOfType[type ?? ""] ?? []).filter((needed) => keys.every(({ key }) => key !== needed));
  if (lacking.length > 0) report("externalSecret.keys", `type ${type} needs the key ${lacking.join(" and the key ")}`);
  if (!secret.externalSecret && "steps" in strategy && secret.awsConsumers.length === 0) {
    report(
      "externalSecret",
      "is needed, unless a consumer in AWS takes it: it says how the secret comes into Kubernetes",
    );
  }
  if (!secret.externalSecret && secret.consumers.length > 0) {
    report("consumers", "consumers take the secret from Kubernetes: declare externalSecret too");
  }
  if (secret.property !== undefined && secret.strategy !== "simple") {
    report("property", `belongs to strategy simple; this secret has strategy ${secret.strategy}`);
  }
  if (secret.native !== undefined && secret.strategy !== "native") {
    report("native", `belongs to strategy native; this secret has strategy ${secret.strategy}`);
  }
  const days = secret.native && daysBetweenRotations(secret.native);
  if (days !== undefined && days > secret.maxAgeDays) {
    report(
      "native.automaticallyAfter",
      `AWS would rotate it after ${days} days, and its limit is ${secret.maxAgeDays}`,
    );
  }
  return [...problems, ...(strategy.problems?.(secret, at) ?? [])];
}

/** What the declarations must fulfil together: nothing is declared twice. */
export function problemsBetween(secrets: Located, rotators: Rotators): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  const claim = (key: string, path: string, what: string) => {
    const first = seen.get(key);
    if (first) problems.push({ path, message: `${what} is declared already at ${first}` });
    else seen.set(key, path);
  };
  for (const { at, secret } of secrets) {
    // A workload's annotation names a secret with "." in place of "/".
    claim(`name ${secret.name.replaceAll("/", ".")}`, `${at}.name`, `the name ${secret.name}`);
    secret.consumers.forEach((c, i) => {
      const workload = `${c.kind} ${c.namespace}/${c.name}`;
      claim(`${secret.name} ${workload}`, `${at}.consumers[${i}].name`, `the consumer ${workload}`);
    });
    for (const consumer of secret.awsConsumers) {
      const title = awsConsumerTitle(consumer);
      claim(`${secret.name} ${title}`, `${at}.consumers`, `the consumer ${title}`);
    }
    for (const namespace of namespacesOf(secret)) {
      const target = `${namespace}/${secret.externalSecret?.target}`;
      claim(`target ${target}`, `${at}.externalSecret.target`, `the Kubernetes Secret ${target}`);
    }
    secret.externalSecret?.keys.forEach(({ key }, i) => {
      claim(`${at} key ${key}`, `${at}.externalSecret.keys[${i}].key`, `the key ${key}`);
    });
    for (const { key, path, what } of rotators.get(secret.kind)?.claims?.(secret) ?? []) {
      claim(`${secret.kind} ${key}`, `${at}.${path}`, what);
    }
  }
  return problems;
}

/** The namespaces that get this secret, without repetition. */
export function namespacesOf(secret: SecretDeclaration): string[] {
  if (!secret.externalSecret) return [];
  return [...new Set([...secret.consumers.map((c) => c.namespace), ...secret.externalSecret.namespaces])];
}
