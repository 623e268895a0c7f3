import { kinds } from "../kinds";
import { normalHost } from "./hostName";
import type { Problem } from "./problem";
import type { SecretDeclaration } from "./secretSchema";

type Located = readonly { readonly index: number; readonly secret: SecretDeclaration }[];

/** What one declaration must fulfil beyond the shape of its fields. */
export function problemsOfSecret(secret: SecretDeclaration, at: string): Problem[] {
  const problems: Problem[] = [];
  const report = (path: string, message: string) => problems.push({ path: `${at}.${path}`, message });
  const allowed: readonly string[] = kinds[secret.kind].strategies;
  if (!allowed.includes(secret.strategy)) {
    report("strategy", `kind ${secret.kind} has no strategy ${secret.strategy}: choose from ${allowed.join(", ")}`);
  }
  const namespaces = [...secret.consumers.map((c) => c.namespace), ...(secret.externalSecret?.namespaces ?? [])];
  if (secret.externalSecret && namespaces.length === 0) {
    report("externalSecret.namespaces", "no consumer says a namespace: name at least one here");
  }
  if (!secret.externalSecret && !["manual", "native"].includes(secret.strategy)) {
    report("externalSecret", "is needed: it says how the secret comes into Kubernetes");
  }
  if (!secret.externalSecret && secret.consumers.length > 0) {
    report("consumers", "consumers take the secret from Kubernetes: declare externalSecret too");
  }
  if (secret.property !== undefined && secret.strategy !== "simple") {
    report("property", `belongs to strategy simple; this secret has strategy ${secret.strategy}`);
  }
  problems.push(...problemsOfKeys(secret, `${at}.externalSecret`));
  if (secret.strategy === "alternating-users" || secret.strategy === "single-user") {
    problems.push(...problemsOfDatabase(secret, `${at}.database`));
  } else if (secret.database) {
    report("database", `belongs to kind database; this secret has strategy ${secret.strategy}`);
  }
  return problems;
}

/** A JSON may have more properties than its strategy makes: what it has is known when it is read (see the checks). */
function problemsOfKeys({ externalSecret, strategy, property: renewed }: SecretDeclaration, at: string): Problem[] {
  if (strategy !== "simple" || renewed !== undefined) return [];
  return (externalSecret?.keys ?? []).flatMap(({ property }, i) => {
    if (property === undefined) return [];
    const message = `a value of strategy simple is a plain text: leave property out, is ${property}; of a JSON document, say in the secret's own property which one is renewed`;
    return [{ path: `${at}.keys[${i}].property`, message }];
  });
}

function problemsOfDatabase({ database, strategy }: SecretDeclaration, at: string): Problem[] {
  if (!database) return [{ path: at, message: "is needed for kind database: host, dbname, roles, superuserSecret" }];
  const problems: Problem[] = [];
  const wanted = strategy === "alternating-users" ? 2 : 1;
  if (new Set(database.roles).size !== wanted) {
    problems.push({
      path: `${at}.roles`,
      message: `${strategy} needs ${wanted} different role${wanted > 1 ? "s" : ""}`,
    });
  }
  if (strategy === "alternating-users" && database.groupRole === undefined) {
    problems.push({ path: `${at}.groupRole`, message: "is needed: both roles own the same things through it" });
  }
  if (database.admin && database.host === undefined) {
    const message = "is needed beside admin: where services connect, e.g. the pooler";
    problems.push({ path: `${at}.host`, message });
  }
  if (database.groupRole !== undefined && database.roles.includes(database.groupRole)) {
    problems.push({ path: `${at}.groupRole`, message: `must differ from the login roles, is ${database.groupRole}` });
  }
  return problems;
}

/** What the declarations must fulfil together: nothing is declared twice. */
export function problemsBetween(secrets: Located): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  const claim = (key: string, path: string, what: string) => {
    const first = seen.get(key);
    if (first) problems.push({ path, message: `${what} is declared already at ${first}` });
    else seen.set(key, path);
  };
  for (const { index, secret } of secrets) {
    const at = `secrets[${index}]`;
    // A workload's annotation names a secret with "." in place of "/".
    claim(`name ${secret.name.replaceAll("/", ".")}`, `${at}.name`, `the name ${secret.name}`);
    secret.consumers.forEach((c, i) => {
      const workload = `${c.kind} ${c.namespace}/${c.name}`;
      claim(`${secret.name} ${workload}`, `${at}.consumers[${i}].name`, `the consumer ${workload}`);
    });
    for (const namespace of namespacesOf(secret)) {
      const target = `${namespace}/${secret.externalSecret?.target}`;
      claim(`target ${target}`, `${at}.externalSecret.target`, `the Kubernetes Secret ${target}`);
    }
    secret.externalSecret?.keys.forEach(({ key }, i) => {
      claim(`${at} key ${key}`, `${at}.externalSecret.keys[${i}].key`, `the key ${key}`);
    });
    for (const name of new Set(secret.database?.roles)) {
      const { superuserSecret, admin } = secret.database ?? {};
      const host = admin?.host ?? secret.database?.host;
      const login = `${host === undefined ? superuserSecret : normalHost(host)} ${name}`;
      claim(`role ${login}`, `${at}.database.roles`, `the role ${name} of the same server`);
    }
  }
  return problems;
}

/** The namespaces that get this secret, without repetition. */
export function namespacesOf(secret: SecretDeclaration): string[] {
  if (!secret.externalSecret) return [];
  return [...new Set([...secret.consumers.map((c) => c.namespace), ...secret.externalSecret.namespaces])];
}
