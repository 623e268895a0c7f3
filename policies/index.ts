import "./pack/readOnce";
import { PolicyPack } from "@pulumi/policy";
import { certificateExpiry } from "./certificateExpiry";
import { externalSecretFollows } from "./externalSecretFollows";
import { policiesStayEnabled } from "./policiesStayEnabled";
import { rotationAccessLeastPrivilege } from "./rotationAccessLeastPrivilege";
import { rotationAlarmsPresent } from "./rotationAlarmsPresent";
import { secretEncryptionAndRecovery } from "./secretEncryptionAndRecovery";
import { secretHasStrategy } from "./secretHasStrategy";
import { secretMaxAge } from "./secretMaxAge";
import { secretNeverRotated } from "./secretNeverRotated";
import { secretValueNotInState } from "./secretValueNotInState";
import { workloadTakesUpdates } from "./workloadTakesUpdates";

const policies = [
  secretMaxAge,
  secretNeverRotated,
  certificateExpiry,
  secretValueNotInState,
  secretHasStrategy,
  externalSecretFollows,
  workloadTakesUpdates,
  secretEncryptionAndRecovery,
  rotationAccessLeastPrivilege,
  rotationAlarmsPresent,
];

new PolicyPack("secret-rotation", { policies: [...policies, policiesStayEnabled(policies)] });
