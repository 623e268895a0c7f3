import { differences, withoutIgnored } from "./diff";
import { type PropertyMap, revealMap } from "./propertyValues";
import type { Provider, ResourceType } from "./provider";

/**
 * A type of resource that the stand-in does not know: it can be previewed, so that stacks which are never brought up can
 * be checked, and refuses to be anything else.
 */
export function unimplemented<Config>(provider: Provider<Config>["name"], type: string): ResourceType<Config> {
  const refuse = (): never => {
    throw new Error(
      `the sandbox's ${provider} provider stand-in does not implement ${type}: preview it, or use the real provider`,
    );
  };
  return {
    check: ({ inputs }) => ({ inputs, failures: [] }),
    diff: ({ oldInputs, inputs, ignoreChanges }) => ({
      changes: withoutIgnored(differences(visible(oldInputs), visible(inputs)), ignoreChanges),
      deleteBeforeReplace: false,
    }),
    previewCreate: ({ inputs }) => inputs,
    previewUpdate: ({ oldOutputs, inputs }) => ({ ...oldOutputs, ...inputs }),
    create: refuse,
    read: refuse,
    update: refuse,
    delete: refuse,
  };
}

/** Without what the engine and the bridge note for themselves. */
function visible(inputs: PropertyMap): PropertyMap {
  const entries = Object.entries(inputs).filter(([key]) => !key.startsWith("__"));
  return revealMap(Object.fromEntries(entries));
}
