import { effectiveMaxAgeDays } from "../policies/rules/maxAge";
import type { StackConfig } from "./config/stackConfig";
import { fullName, metrics } from "./names";

/** What one widget shows at most: beyond that nobody tells the lines apart, and CloudWatch allows 500. */
const linesAWidget = 50;
const day = 86_400;

/**
 * The dashboard of one stack: ages against their limits, a graph for each limit, then results and durations of the runs.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function dashboardBody({ secrets, environment, region }: StackConfig): object {
  const limitOf = (secret: (typeof secrets)[number]) => effectiveMaxAgeDays(secret, environment);
  const byLimit = [...Map.groupBy(secrets, limitOf)].sort(([a], [b]) => a - b);
  const graph = (title: string, lines: readonly unknown[], more: object) => ({
    type: "metric",
    width: 12,
    height: 6,
    properties: { title, region, view: "timeSeries", period: day, metrics: lines, ...more },
  });
  const ages = byLimit.flatMap(([limit, declared]) =>
    inParts(declared.map(({ name }) => lineOf(metrics.names.age, environment, name))).map((lines) =>
      graph(`Age in days, at most ${limit}`, lines, {
        stat: "Maximum",
        yAxis: { left: { min: 0 } },
        annotations: { horizontal: [{ label: "limit", value: limit, color: "#d62728", fill: "above" }] },
      }),
    ),
  );
  const found = (metric: string, stat: string) => [{ expression: search(metric, environment, stat), id: "found" }];
  const results = [
    { metric: metrics.names.success, title: "Rotations that succeeded, a day", stat: "Sum" },
    { metric: metrics.names.failure, title: "Rotations that failed, a day", stat: "Sum" },
    { metric: metrics.names.duration, title: "Seconds of a rotation", stat: "Maximum" },
    { metric: metrics.names.daysToExpiry, title: "Days until what expires does", stat: "Minimum" },
  ].map(({ metric, title, stat }) => graph(title, found(metric, stat), {}));
  // Where no widget says its place, CloudWatch puts one beside the other.
  return { widgets: [...ages, ...results] };
}

function lineOf(metric: string, environment: string, secret: string): readonly unknown[] {
  const { namespace, dimensions } = metrics;
  const name = fullName(environment, secret);
  return [namespace, metric, dimensions.environment, environment, dimensions.secret, name, { label: secret }];
}

/** All secrets of the environment; CloudWatch shows 100 of what a search finds. */
function search(metric: string, environment: string, stat: string): string {
  const { namespace, dimensions } = metrics;
  const schema = `{${namespace},${dimensions.environment},${dimensions.secret}}`;
  const query = `${schema} MetricName="${metric}" ${dimensions.environment}="${environment}"`;
  return `SEARCH('${query}', '${stat}', ${day})`;
}

function inParts<T>(lines: readonly T[]): T[][] {
  const count = Math.ceil(lines.length / linesAWidget);
  return Array.from({ length: count }, (_, i) => lines.slice(i * linesAWidget, (i + 1) * linesAWidget));
}
