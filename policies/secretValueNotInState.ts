import { definePolicy, levelByEnvironment, type Resource } from "./pack/definePolicy";
import { at, isSet, textAt } from "./pack/plain";
import { types } from "./pack/types";
import { waivers } from "./rules/configSchema";
import { rotateCommand } from "./rules/secret";

/** By type: the properties in which a value would stand, and what to use in their place. */
const places: Readonly<
  Record<string, { readonly what: string; readonly holds: readonly string[]; readonly instead: string }>
> = {
  [types.secretVersion]: {
    what: "SecretVersion",
    holds: ["secretString", "secretBinary"],
    instead: "Use secretStringWo, which is never read back",
  },
  [types.kubernetesSecret]: {
    what: "Kubernetes Secret",
    holds: ["data", "stringData"],
    instead: "Let an ExternalSecret create it",
  },
  [types.kubernetesSecretPatch]: {
    what: "Kubernetes Secret",
    holds: ["data", "stringData"],
    instead: "Let an ExternalSecret create it",
  },
};

/**
 * No value comes into the state file, not even encrypted. Source: `secretString` and `secretBinary` of a SecretVersion,
 * `data` and `stringData` of a Kubernetes Secret; that they are there is all that is looked at.
 */
export const secretValueNotInState = definePolicy<object>({
  name: "secret-value-not-in-state",
  description: "No secret value is written into the state of the stack.",
  enforcementLevel: levelByEnvironment,
  configSchema: waivers("resource"),
  appliesTo: (type) => Object.hasOwn(places, type),
  validate: (resource, run) => {
    const place = places[resource.type];
    const name = nameOf(resource);
    const found = place?.holds.filter((property) => isSet(at(resource.props, property))) ?? [];
    const rotate = resource.type === types.secretVersion ? `run: ${rotateCommand(name, run.stack)}` : "rotate it";
    return {
      names: [name, resource.name],
      violations: found.map((property) => ({
        message: `${place?.what} ${name} has its value in ${property}. ${place?.instead}. A value that was in the state counts as known: ${rotate}`,
      })),
    };
  },
});

/** Kubernetes objects are known by namespace and name; a SecretVersion has no name but that of its resource. */
function nameOf({ type, name, props }: Resource): string {
  if (type === types.secretVersion) return name;
  const object = textAt(props, "metadata", "name") ?? name;
  return `${textAt(props, "metadata", "namespace") ?? "default"}/${object}`;
}
