import { jsonText } from "./jsonText";
import type { Row, RowProperty } from "./row";

const region: RowProperty = { forceNew: true, computed: true };

const alarm: Readonly<Record<string, RowProperty>> = {
  actionsEnabled: { default: true },
  alarmActions: { set: true },
  alarmDescription: {},
  comparisonOperator: { required: true },
  datapointsToAlarm: {},
  dimensions: { pairs: true },
  evaluateLowSampleCountPercentiles: { computed: true, api: "EvaluateLowSampleCountPercentile" },
  evaluationPeriods: { required: true },
  extendedStatistic: {},
  insufficientDataActions: { set: true },
  metricName: {},
  name: { forceNew: true, computed: true, autonamed: { unless: "metricQueries" }, api: "AlarmName" },
  namespace: {},
  okActions: { set: true, api: "OKActions" },
  period: {},
  statistic: {},
  threshold: {},
  thresholdMetricId: {},
  treatMissingData: { default: "missing" },
  unit: {},
  // moto does not know it.
  warmUpConfiguration: { nested: true, untold: true },
};
const sent = Object.keys(alarm);

/** @see https://www.pulumi.com/registry/packages/aws/api-docs/cloudwatch/ */
export const cloudWatchRows: Readonly<Record<string, Row>> = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    what: "CloudWatch Metric Alarm",
    service: "cloudwatch",
    inputs: { ...alarm, region, tags: {}, tagsAll: { computed: true } },
    outputs: { arn: { api: "AlarmArn" } },
    key: ["name"],
    create: { operation: "putMetricAlarm", sends: [...sent, "Tags"] },
    read: {
      operation: "describeAlarms",
      request: ({ name }) => ({ AlarmNames: [name], AlarmTypes: ["MetricAlarm"] }),
      at: ({ MetricAlarms }) => (Array.isArray(MetricAlarms) ? MetricAlarms[0] : undefined),
    },
    update: [{ operation: "putMetricAlarm", sends: sent }],
    remove: { operation: "deleteAlarms", request: ({ name }) => ({ AlarmNames: [name] }) },
    tags: {
      set: { operation: "tagResource", request: ({ arn, Tags }) => ({ ResourceARN: arn, Tags }) },
      unset: { operation: "untagResource", request: ({ arn, TagKeys }) => ({ ResourceARN: arn, TagKeys }) },
      list: { operation: "listTagsForResource", request: ({ arn }) => ({ ResourceARN: arn }) },
    },
  },

  "aws:cloudwatch/dashboard:Dashboard": {
    what: "CloudWatch Dashboard",
    service: "cloudwatch",
    inputs: {
      dashboardBody: { required: true, normal: jsonText },
      dashboardName: { required: true, forceNew: true },
      region,
    },
    outputs: { dashboardArn: {} },
    key: ["dashboardName"],
    create: { operation: "putDashboard", sends: ["dashboardName", "dashboardBody"] },
    read: { operation: "getDashboard" },
    update: [{ operation: "putDashboard", sends: ["dashboardName", "dashboardBody"] }],
    remove: { operation: "deleteDashboards", request: ({ dashboardName }) => ({ DashboardNames: [dashboardName] }) },
  },
};
