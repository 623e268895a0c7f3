import assert from "node:assert/strict";
import { type BackupFile, contextOf, keyOf, parse, serialize } from "../../../rotation/backup/file";

const file: BackupFile = {
  schemaVersion: 1,
  environment: "prod",
  stack: "prod",
  run: "b04f19bb-cbc4-4b8f-85a5-165bce66d02d",
  createdAt: "2026-01-24T13:15:00.123Z",
  secrets: [
    { secret: "shop/key", versionId: "v-1", message: Buffer.from("one").toString("base64") },
    { secret: "shop/db", versionId: "v-2", message: Buffer.from("two").toString("base64") },
  ],
};
const [key, db] = file.secrets as [BackupFile["secrets"][number], BackupFile["secrets"][number]];

describe("the file of a backup", () => {
  it("lies under its environment, sorted by its time", () => {
    const name = "20260124T131500.123Z-b04f19bb-cbc4-4b8f-85a5-165bce66d02d.json.encrypted";
    assert.equal(keyOf("secret-backups", file), `secret-backups/prod/${name}`);
  });

  it("is read only as it is written", () => {
    const text = serialize(file);
    assert.deepEqual(parse(text), file);
    const changes = [
      text.trimEnd(),
      text.replace('"prod"', ' "prod"'),
      text.replace("{", '{"more": 1,'),
      text.replace("{", '{"stack": "other",'),
      text.replace(key.message, `${key.message}=`),
      text.replace(key.message, ` ${key.message}`),
      text.replace(".123Z", "Z"),
    ];
    for (const change of changes) {
      assert.notEqual(change, text);
      assert.throws(() => parse(change), change);
    }
  });

  it("is bound to each of its values: whatever of it differs is another encryption context", () => {
    const context = contextOf(file, key);
    const { backup: _, ...names } = context;
    assert.deepEqual(names, { environment: "prod", stack: "prod", secret: "shop/key", version: "v-1" });
    const others = [
      contextOf(file, db),
      contextOf(file, { ...key, versionId: "v-2" }),
      ...[
        { run: "00000000-cbc4-4b8f-85a5-165bce66d02d" },
        { createdAt: "2026-01-24T13:15:00.124Z" },
        { secrets: [key] },
        { secrets: [db, key] },
        { environment: "dev" },
        { stack: "dev" },
      ].map((change) => contextOf({ ...file, ...change }, key)),
    ];
    for (const other of others) assert.notDeepEqual(other, context);
    // The value itself is no part of it.
    assert.deepEqual(contextOf({ ...file, secrets: [{ ...key, message: "" }, db] }, key), context);
  });
});
