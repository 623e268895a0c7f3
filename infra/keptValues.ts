import * as pulumi from "@pulumi/pulumi";
import { types } from "./names";

/**
 * Stands before the deletion of the whole stack: it depends on whatever brings the values into use, so that `pulumi destroy`
 * comes to it first, and is protected as long as one of the stack's secrets has a value. Without it a destroy would take the
 * ExternalSecrets, and with them the Kubernetes Secrets, before it is refused the first Secret.
 */
export class KeptValues extends pulumi.ComponentResource {
  /** @param protect  whether any of the secrets has a value that the stack may not delete */
  constructor(dependsOn: pulumi.Resource[], protect: boolean) {
    super(types.keptValues, "values", {}, { dependsOn, protect });
    this.registerOutputs({});
  }
}
