import { reveal } from "../provider/propertyValues";
import type { Schema } from "./propertySchema";

export const secretSchema: Schema = {
  inputs: {
    description: {},
    forceOverwriteReplicaSecret: { default: false },
    kmsKeyId: {},
    name: { forceNew: true, computed: true, autonamed: { unless: "namePrefix" } },
    namePrefix: { forceNew: true, computed: true },
    policy: { computed: true },
    recoveryWindowInDays: { default: 30 },
    region: { forceNew: true, computed: true },
    replicas: { computed: true },
    tags: {},
    tagsAll: { computed: true },
    type: { forceNew: true },
  },
  outputs: ["arn"],
  validate(inputs) {
    const days = reveal(inputs.recoveryWindowInDays ?? null);
    const allowed = typeof days !== "number" || days === 0 || (days >= 7 && days <= 30);
    return [
      ...(inputs.name !== undefined && inputs.namePrefix !== undefined
        ? [{ property: "name", reason: 'Conflicting configuration arguments. "name": conflicts with namePrefix' }]
        : []),
      ...(allowed ? [] : [{ property: "recoveryWindowInDays", reason: `expected 0, or 7 to 30, got ${days}` }]),
    ];
  },
};
