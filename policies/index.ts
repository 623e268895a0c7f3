import "./pack/readOnce";
import { PolicyPack } from "@pulumi/policy";
import { certificateExpiry } from "./certificateExpiry";
import { externalSecretFollows } from "./externalSecretFollows";
import { policiesStayEnabled } from "./policiesStayEnabled";
import { rotationAccessLeastPrivilege } from "./rotationAccessLeastPrivilege";
import { rotationAlarmsPresent } from "./rotationAlarmsPresent";
import { projectName } from "./rules/names";
import { secretEncryptionAndRecovery } from "./secretEncryptionAndRecovery";
import { secretHasStrategy } from "./secretHasStrategy";
import { secretMaxAge } from "./secretMaxAge";
import { secretNeverRotated } from "./secretNeverRotated";
import { secretRetirePending } from "./secretRetirePending";
import { secretValueNotInState } from "./secretValueNotInState";
import { workloadTakesUpdates } from "./workloadTakesUpdates";

const policies = [
  secretMaxAge,
  secretNeverRotated,
  secretRetirePending,
  certificateExpiry,
  secretValueNotInState,
  secretHasStrategy,
  externalSecretFollows,
  workloadTakesUpdates,
  secretEncryptionAndRecovery,
  rotationAccessLeastPrivilege,
  rotationAlarmsPresent,
];

new PolicyPack(projectName, { policies: [...policies, policiesStayEnabled(policies)] });
