import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { type AwsSettings, awsClient, plainErrors } from "./awsClient";

/** One data point of a metric. */
export interface Datum {
  readonly metric: string;
  /** By the dimension's name. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: "Count" | "Seconds" | "None";
  readonly value: number;
  readonly at: Date;
}

/** What the driver needs of CloudWatch. */
export interface CloudWatch {
  /** Publishes these, at most a thousand and one MB of them, which is CloudWatch's limit for a request. */
  put(namespace: string, data: readonly Datum[], signal: AbortSignal): Promise<void>;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
export function cloudWatch(settings: AwsSettings): CloudWatch {
  const client = plainErrors(new CloudWatchClient(awsClient(settings, "cloudwatch")));
  return {
    async put(Namespace, data, abortSignal) {
      const MetricData = data.map(
        ({ metric, dimensions, unit, value, at }): MetricDatum => ({
          MetricName: metric,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          Unit: unit,
          Value: value,
          Timestamp: at,
        }),
      );
      await client.send(new PutMetricDataCommand({ Namespace, MetricData }), { abortSignal });
    },
  };
}
