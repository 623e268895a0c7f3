import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type Issuer, startIssuer } from "../issuer/startIssuer";
import { repository } from "../sandbox/paths";
import { judged, those } from "./judged";

const admin = "acme/admin";
const at = (file: string) => join(repository, "test/issuer", file);

describe("the example of a rotator", function () {
  this.timeout(600_000);
  let issuer: Issuer;
  let folder: string;
  const token = randomBytes(24).toString("hex");
  const said = { about: "a key of Acme's API", overlap: "two-live", properties: ["id", "key"] };
  const declared = (rotator: object) => {
    const file = join(folder, "rotator.yaml");
    const verbs = ["issue", "test", "revoke", "find", "lastUsed"];
    writeFileSync(file, JSON.stringify({ "acme-key": { ...said, verbs, ...rotator } }));
    return file;
  };
  /** The issuer keeps two keys of an account at most. */
  const keepsAll = async (account: string, file: string, doesNotApply: readonly string[] = []) => {
    await issuer.open(account, token);
    const parameters = { url: issuer.url, account, admin };
    const one = await judged(file, { parameters, secrets: { [admin]: token } });
    assert.equal(one.code, 0, `${one.stdout}\n${one.stderr}`);
    assert.deepEqual(those(one, "does not apply"), doesNotApply);
    assert.deepEqual(await issuer.keys(account), []);
    assert.ok(!`${one.stdout}${one.stderr}`.includes(token));
  };

  before(async () => {
    issuer = await startIssuer();
    folder = mkdtempSync(join(tmpdir(), "declared-"));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await issuer.stop();
  });

  it("keeps every clause as a module", () => keepsAll("module", at("rotators/acme.ts")));

  it("keeps every clause as a program", async () => {
    const program = relative(process.cwd(), at("rotate-acme"));
    await keepsAll("program", declared({ exec: [`./${program}`], reads: [admin] }), ["parameters"]);
  });

  it("keeps every clause at an endpoint", async () => {
    const headersFrom = { Authorization: { secret: admin, scheme: "Bearer" } };
    await keepsAll("endpoint", declared({ http: { url: `${issuer.url}/verbs`, headersFrom } }), ["parameters"]);
  });
});
