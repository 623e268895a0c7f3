import { definePolicy, levelByEnvironment, type Resource } from "./pack/definePolicy";
import { at, listAt, textAt } from "./pack/plain";
import { secretFactsOf } from "./pack/secretFacts";
import { types } from "./pack/types";
import { waivers } from "./rules/configSchema";
import { metrics } from "./rules/names";
import { isManaged, namesOf } from "./rules/secret";

interface Config {
  /** Default: SecretRotation. */
  readonly namespace?: string;
  /** Default: RotationFailure. */
  readonly failureMetric?: string;
  /** Default: SecretAgeDays. */
  readonly overdueMetric?: string;
  /** Default: SecretName; its value is the secret's full name. */
  readonly dimension?: string;
}

const defaults = Object.freeze({
  namespace: metrics.namespace,
  failureMetric: metrics.names.failure,
  overdueMetric: metrics.names.age,
  dimension: metrics.dimensions.secret,
});
const named = (description: string, value: string) => ({
  type: "string" as const,
  minLength: 1,
  description,
  default: value,
});

/**
 * Somebody is told when a rotation fails, and when one does not happen: each managed secret has an alarm on either metric,
 * which is switched on and has an action. Source: the CloudWatch MetricAlarms of the stack. Default: metrics RotationFailure
 * and SecretAgeDays in the namespace SecretRotation, dimension SecretName.
 */
export const rotationAlarmsPresent = definePolicy<Config>({
  name: "rotation-alarms-present",
  description: "Each managed secret has an alarm for a failed and for an overdue rotation.",
  enforcementLevel: levelByEnvironment,
  configSchema: {
    namespace: named("Namespace of the metrics", defaults.namespace),
    failureMetric: named("Metric of failed rotations", defaults.failureMetric),
    overdueMetric: named("Metric by which a rotation is overdue: the age", defaults.overdueMetric),
    dimension: named("Dimension whose value is the secret's full name", defaults.dimension),
    ...waivers("secret"),
  },
  appliesTo: (type) => type === types.secret || type === types.metricAlarm,
  validateStack: (resources, run) => {
    const { namespace, failureMetric, overdueMetric, dimension } = { ...defaults, ...run.config };
    const alarmed = new Set(
      resources
        .filter((r) => r.type === types.metricAlarm && textAt(r.props, "namespace") === namespace && isHeard(r))
        .map(({ props }) => `${textAt(props, "metricName")} ${textAt(props, "dimensions", dimension)}`),
    );
    const secrets = resources
      .filter(({ type }) => type === types.secret)
      .map((r) => ({ urn: r.urn, secret: secretFactsOf(r) }));
    return secrets
      .filter(({ secret }) => isManaged(secret))
      .map(({ urn, secret }) => {
        const missing = [failureMetric, overdueMetric].filter((metric) => !alarmed.has(`${metric} ${secret.name}`));
        const alarms = missing.map((metric) => `${namespace} ${metric}`).join(" and ");
        const message = `${secret.name} has no alarm with an action on ${alarms}: declare secret-rotation:alarms, or add a MetricAlarm with ${dimension}=${secret.name}`;
        const violations = missing.length > 0 ? [{ message }] : [];
        return { names: namesOf(secret, run), violations, urn };
      });
  },
});

/** Whether the alarm tells anybody. */
function isHeard({ props }: Resource): boolean {
  return at(props, "actionsEnabled") !== false && listAt(props, "alarmActions").length > 0;
}
