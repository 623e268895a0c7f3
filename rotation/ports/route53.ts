import {
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  waitUntilResourceRecordSetsChanged,
} from "@aws-sdk/client-route-53";
import pLimit from "p-limit";
import { type AwsSettings, awsClient, plainErrors } from "./awsClient";

/** TXT records in Route 53. Others may have texts of their own at the same name: these stay. */
export interface Route53 {
  /** The name of a hosted zone, without a dot at its end. */
  zoneName(zoneId: string): Promise<string>;
  /** Adds a text, and waits until all of Route 53's servers say it. */
  addText(zoneId: string, name: string, text: string): Promise<void>;
  removeText(zoneId: string, name: string, text: string): Promise<void>;
}

const ttlSeconds = 60;
const longestWaitSeconds = 120;

/** @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html */
export function route53(settings: AwsSettings): Route53 {
  const client = plainErrors(new Route53Client(awsClient(settings, "route53")));
  // What is there is read before it is written: one after the other.
  const inTurn = pLimit(1);
  const change = (HostedZoneId: string, name: string, edit: (texts: readonly string[]) => readonly string[]) =>
    inTurn(async () => {
      const before = await textsAt(client, HostedZoneId, name);
      const after = edit(before);
      if (before.length === 0 && after.length === 0) return undefined;
      const gone = after.length === 0;
      const ResourceRecords = (gone ? before : after).map((Value) => ({ Value }));
      const set = { Name: name, Type: "TXT" as const, TTL: ttlSeconds, ResourceRecords };
      const Changes = [{ Action: gone ? ("DELETE" as const) : ("UPSERT" as const), ResourceRecordSet: set }];
      const done = await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
      return done.ChangeInfo?.Id;
    });
  return {
    async zoneName(Id) {
      const { HostedZone } = await client.send(new GetHostedZoneCommand({ Id }));
      return (HostedZone?.Name ?? "").replace(/\.$/, "");
    },
    async addText(zoneId, name, text) {
      const Id = await change(zoneId, name, (texts) => [...new Set([...texts, quoted(text)])]);
      if (Id === undefined) return;
      const asked = { client, maxWaitTime: longestWaitSeconds, minDelay: 1, maxDelay: 5 };
      await waitUntilResourceRecordSetsChanged(asked, { Id });
    },
    async removeText(zoneId, name, text) {
      await change(zoneId, name, (texts) => texts.filter((one) => one !== quoted(text)));
    },
  };
}

async function textsAt(client: Route53Client, HostedZoneId: string, name: string): Promise<string[]> {
  const from = { HostedZoneId, StartRecordName: name, StartRecordType: "TXT" as const, MaxItems: 1 };
  const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand(from));
  const found = ResourceRecordSets.find(({ Name = "", Type }) => Type === "TXT" && Name.replace(/\.$/, "") === name);
  return (found?.ResourceRecords ?? []).flatMap(({ Value }) => Value ?? []);
}

/** Its own is letters, digits, - and _ alone. */
function quoted(text: string): string {
  return `"${text}"`;
}
