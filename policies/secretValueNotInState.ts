import { definePolicy, levelByEnvironment, type Resource } from "./pack/definePolicy";
import { places } from "./pack/placesOfValues";
import { textAt } from "./pack/plain";
import { types } from "./pack/types";
import { waivers } from "./rules/configSchema";
import { rotateCommand } from "./rules/secret";

/**
 * No value comes into the state file, not even encrypted. Source: the properties of those resources that can bring one
 * there (pack/placesOfValues.ts); that they are there is all that is looked at.
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
    const found = place?.holds(resource.props, resource.name) ?? [];
    const rotate = resource.type === types.secretVersion ? `run: ${rotateCommand(name, run.stack)}` : "rotate it";
    return {
      names: [name, resource.name],
      violations: found.map((property) => ({
        message: `${place?.what} ${name} has its value in ${property}. ${place?.instead}. A value that was in the state counts as known: ${rotate}`,
      })),
    };
  },
});

/** Kubernetes objects are known by namespace and name; others have no name but that of their resource. */
function nameOf({ type, name, props }: Resource): string {
  if (type !== types.kubernetesSecret && type !== types.kubernetesSecretPatch) return name;
  const object = textAt(props, "metadata", "name") ?? name;
  return `${textAt(props, "metadata", "namespace") ?? "default"}/${object}`;
}
