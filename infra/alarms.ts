import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { effectiveMaxAgeDays } from "../policies/rules/maxAge";
import { alarmsTopic } from "./alarmsTopic";
import type { AlarmsDeclaration } from "./config/alarmsSchema";
import type { SecretDeclaration } from "./config/secretSchema";
import type { StackConfig } from "./config/stackConfig";
import { dashboardBody } from "./dashboard";
import { alarmName, alarmsName, fullName, metrics, projectName, tags, types } from "./names";

/**
 * Seconds. CloudWatch looks back some periods more than it is asked for before it takes data for missing: with an hour these
 * are hours, with a day they would be days. With less than an hour it looks back one day alone.
 */
const overduePeriod = 3600;
/** Minutes; CloudWatch's limit is two days. */
const longestWarmUp = 2880;

/**
 * Two alarms for each secret, the topic that they tell, and a dashboard. They watch what the driver publishes: see
 * rotation/metrics. No rotation's update targets them.
 */
export class Alarms extends pulumi.ComponentResource {
  readonly #options: pulumi.CustomResourceOptions = { parent: this };

  /**
   * None of them depends on a secret: the engine would take what depends on a rotation's targets for deleted, where the
   * rotation's program leaves it out.
   *
   * @param account  of the stack
   */
  constructor(declaration: AlarmsDeclaration, config: StackConfig, account: string) {
    const { environment, secrets } = config;
    super(types.alarms, alarmsName(environment), {});
    const tagged = { [tags.managedBy]: projectName, [tags.environment]: environment };
    const topic = declaration.topic ?? alarmsTopic(declaration, { environment, account }, tagged, this.#options);
    for (const secret of secrets) {
      this.#failed(secret, config, topic, tagged);
      this.#overdue(secret, config, topic, tagged, declaration.silentAfter);
    }
    if (declaration.dashboard) {
      const body = JSON.stringify(dashboardBody(config));
      new cloudwatch.Dashboard(
        "alarms",
        { dashboardName: alarmsName(environment), dashboardBody: body },
        this.#options,
      );
    }
    this.registerOutputs({});
  }

  /**
   * A failure is 1, a success 0: the newest of them is the state, which stays until the next run says another thing. To
   * treat missing data as good would end the alarm a few minutes after it rang, with nothing mended.
   */
  #failed({ name }: SecretDeclaration, config: StackConfig, topic: Topic, tagged: Tags): void {
    const stack = pulumi.getStack();
    const alarmDescription =
      `The last rotation of ${fullName(config.environment, name)} has failed. Why, and what to do: ` +
      `npm run rotation -- history ${name} --stack ${stack}. The next one that succeeds ends this alarm: npm run rotate -- ${name} --stack ${stack}`;
    this.#alarm(name, "failed", config, topic, tagged, {
      alarmDescription,
      metricName: metrics.names.failure,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      statistic: "Maximum",
      period: 60,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      treatMissingData: "ignore",
    });
  }

  /**
   * The age, published once a day, say, is in one hour; all others are missing, and count as too old. So it rings when
   * every age that was published within `silentAfter` is over the limit, and when there is none; one that is not ends it at
   * once. A new secret has time until its first rotation is due: till then the alarm warms up.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html
   */
  #overdue(secret: SecretDeclaration, config: StackConfig, topic: Topic, tagged: Tags, silentSeconds: number): void {
    const { name } = secret;
    const { environment } = config;
    const limit = effectiveMaxAgeDays(secret, environment);
    const stack = pulumi.getStack();
    const alarmDescription =
      `${fullName(environment, name)} is older than its limit of ${limit} days, or nobody has said its age for ${silentSeconds / 3600} hours, ` +
      `so that the scheduled run may be dead. Which of both: npm run rotation -- status --stack ${stack}`;
    const periods = silentSeconds / overduePeriod;
    this.#alarm(name, "overdue", config, topic, tagged, {
      alarmDescription,
      metricName: metrics.names.age,
      comparisonOperator: "GreaterThanThreshold",
      threshold: limit,
      statistic: "Minimum",
      period: overduePeriod,
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      treatMissingData: "breaching",
      warmUpConfiguration: { warmUpPeriodDurationInMinutes: longestWarmUp },
    });
  }

  #alarm(
    secret: string,
    what: "failed" | "overdue",
    { environment }: StackConfig,
    topic: Topic,
    tagged: Tags,
    args: cloudwatch.MetricAlarmArgs,
  ): void {
    const { dimensions } = metrics;
    new cloudwatch.MetricAlarm(
      `${secret}/${what}`,
      {
        name: alarmName(environment, secret, what),
        namespace: metrics.namespace,
        dimensions: { [dimensions.environment]: environment, [dimensions.secret]: fullName(environment, secret) },
        alarmActions: [topic],
        okActions: [topic],
        tags: tagged,
        ...args,
      },
      this.#options,
    );
  }
}

type Topic = pulumi.Input<string>;
type Tags = Readonly<Record<string, string>>;
