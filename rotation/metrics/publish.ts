import { metrics } from "../../infra/names";
import { describeError } from "../errors";
import type { Ports } from "../ports";
import type { Datum } from "../ports/cloudWatch";
import type { Measure, Sample } from "./samples";

/** Of a request: CloudWatch takes 1,000 data points and 1 MB, and one of these is far below 1 KB. */
const batchSize = 1000;
/** For all requests together: the result of a run does not wait longer for its metrics. */
const publishSeconds = 5;

const units: Readonly<Partial<Record<Measure, Datum["unit"]>>> = {
  success: "Count",
  failure: "Count",
  duration: "Seconds",
};

/**
 * Publishes to CloudWatch what the alarms of the stack watch.
 *
 * @returns what could not be published, with what to do; undefined: all was
 */
export async function publish(
  samples: readonly Sample[],
  ports: Pick<Ports, "cloudWatch" | "clock">,
  limitSeconds = publishSeconds,
): Promise<string | undefined> {
  const at = ports.clock.now();
  const data = samples.flatMap(({ measure, environment, secret, value }): Datum[] => {
    if (measure === "maxAge") return [];
    const { dimensions: named, names } = metrics;
    const dimensions = { [named.environment]: environment, [named.secret]: secret };
    return [{ metric: names[measure], dimensions, unit: units[measure] ?? "None", value, at }];
  });
  const signal = AbortSignal.timeout(limitSeconds * 1000);
  try {
    for (let from = 0; from < data.length; from += batchSize) {
      await ports.cloudWatch.put(metrics.namespace, data.slice(from, from + batchSize), signal);
    }
    return undefined;
  } catch (error) {
    const why = signal.aborted ? `CloudWatch did not answer within ${limitSeconds} s` : describeError(error);
    return `the metrics were not published: ${why}. ${adviceFor(why)}`;
  }
}

function adviceFor(why: string): string {
  const allow = `allow cloudwatch:PutMetricData for the namespace ${metrics.namespace} (npm run rotation -- permissions)`;
  const reach = "see whether CloudWatch is reached from here (proxy, VPC endpoint com.amazonaws.<region>.monitoring)";
  return `${/AccessDenied|NotAuthorized/.test(why) ? allow : reach}; npm run rotation -- check publishes the ages again`;
}
