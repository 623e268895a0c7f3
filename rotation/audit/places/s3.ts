import type { AuditDeclaration } from "../../../infra/config/auditSchema";
import type { Ports } from "../../ports";
import { parseRecord } from "../record";
import { type AuditPlace, keyOf, readAhead } from "./place";

const endings = { started: "-started.json", ended: "-ended.json" } as const;

/**
 * Two objects a run, each written once: a bucket whose policy demands If-None-Match, or that locks its objects, keeps them
 * from whoever runs the driver too.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export function s3Place(
  { bucket, prefix }: NonNullable<AuditDeclaration["s3"]>,
  { s3 }: Pick<Ports, "s3">,
): AuditPlace {
  return {
    name: `s3://${bucket}/${prefix}`,
    append: (record) =>
      s3.create(bucket, `${prefix}/${keyOf(record)}${endings[record.state]}`, JSON.stringify(record, undefined, 2)),
    async *runs(environment) {
      const last = new Map<string, string>();
      for (const key of await s3.keys(bucket, `${prefix}/${environment}/`)) {
        if (key.startsWith(`${prefix}/${environment}/.`)) continue;
        const run = key.replace(/-(started|ended)\.json$/, "");
        if (!last.has(run) || key.endsWith(endings.ended)) last.set(run, key);
      }
      yield* readAhead([...last.values()].reverse(), async (key) => parseRecord(await s3.read(bucket, key)));
    },
    notes: {
      write: (name, text) =>
        s3.create(bucket, `${prefix}/${name}`, text).catch((error: Error) => {
          if (error.name !== "PreconditionFailed") throw error;
        }),
      read: async (start) =>
        Promise.all((await s3.keys(bucket, `${prefix}/${start}`)).map((key) => s3.read(bucket, key))),
    },
  };
}
