/** The names that the program gives, the driver looks for, and the policies know a managed secret by. */

/** The project's name, its namespace in Pulumi.<stack>.yaml, and the value of the tag managed-by. */
export const projectName = "secret-rotation";

/** Domain of the annotations that rotations set. Nobody else writes under it, so that nobody's writing conflicts. */
export const annotationDomain = "secret-rotation";

/**
 * Tags of a managed Secret; the policies and `status` read them. Those of a rotation are written by its settling update only,
 * `notAfter` by whoever renews a certificate too.
 */
export const tags = Object.freeze({
  managedBy: "managed-by",
  environment: "environment",
  kind: "kind",
  strategy: "strategy",
  maxAgeDays: "max-age-days",
  createdAt: "created-at",
  rotatedAt: "rotated-at",
  rotatedVersion: "rotated-version",
  rotatedBy: "rotated-by",
  notAfter: "not-after",
  /** Beside notAfter: from when on the certificate is to be renewed, by the share of its lifetime that is left then. */
  renewFrom: "renew-from",
  /** Of a kind whose older credential is retired later, see phases.ts. */
  phase: "phase",
  phaseUntil: "phase-until",
  retirePending: "retire-pending",
  /** Name of the runbook by which people rotate a secret of strategy `manual`. */
  runbook: "runbook",
});

/**
 * What the driver publishes to CloudWatch of each secret; the alarms, the dashboard and the policy pack name it too. The
 * dimension `secret` is the full name.
 */
export const metrics = Object.freeze({
  namespace: "SecretRotation",
  dimensions: Object.freeze({ environment: "Environment", secret: "SecretName" }),
  names: Object.freeze({
    success: "RotationSuccess",
    failure: "RotationFailure",
    duration: "RotationDurationSeconds",
    age: "SecretAgeDays",
    daysToExpiry: "DaysToExpiry",
  }),
});

/** Type tokens of Secrets Manager's resources. */
export const secretTypes = Object.freeze({
  secret: "aws:secretsmanager/secret:Secret",
  secretVersion: "aws:secretsmanager/secretVersion:SecretVersion",
  secretRotation: "aws:secretsmanager/secretRotation:SecretRotation",
});
