import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  paginateDescribeLogStreams,
  paginateGetLogEvents,
  ResourceAlreadyExistsException,
} from "@aws-sdk/client-cloudwatch-logs";
import { type AwsSettings, awsClient } from "./awsClient";

/** What the driver needs of CloudWatch Logs. */
export interface CloudWatchLogs {
  /** Writes one event; the stream is made when it is missing, the group has to be there. */
  append(group: string, stream: string, message: string): Promise<void>;
  /** Names of streams that start with this, the last by name first, page after page as they are asked for. */
  streams(group: string, prefix: string): AsyncIterable<string>;
  /** What is in a stream, the oldest first. */
  messages(group: string, stream: string): Promise<readonly string[]>;
}

export function cloudWatchLogs(settings: AwsSettings): CloudWatchLogs {
  const client = new CloudWatchLogsClient(awsClient(settings, "logs"));
  return {
    async append(logGroupName, logStreamName, message) {
      await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch((error) => {
        if (!(error instanceof ResourceAlreadyExistsException)) throw error;
      });
      const logEvents = [{ timestamp: Date.now(), message }];
      const put = new PutLogEventsCommand({ logGroupName, logStreamName, logEvents });
      const { rejectedLogEventsInfo: rejected } = await client.send(put);
      // It answers with success all the same, e.g. when this machine's clock is wrong by hours.
      if (rejected) throw new Error(`CloudWatch Logs rejected the event: ${JSON.stringify(rejected)}`);
    },
    async *streams(logGroupName, logStreamNamePrefix) {
      const query = { logGroupName, logStreamNamePrefix, orderBy: "LogStreamName", descending: true } as const;
      for await (const { logStreams = [] } of paginateDescribeLogStreams({ client, pageSize: 50 }, query)) {
        yield* logStreams.flatMap(({ logStreamName }) => logStreamName ?? []);
      }
    },
    async messages(logGroupName, logStreamName) {
      const found: string[] = [];
      const query = { logGroupName, logStreamName, startFromHead: true };
      // A page may be empty before the last one: the end is where the token stays the same.
      for await (const { events = [] } of paginateGetLogEvents({ client, stopOnSameToken: true }, query)) {
        found.push(...events.flatMap(({ message }) => message ?? []));
      }
      return found;
    },
  };
}
