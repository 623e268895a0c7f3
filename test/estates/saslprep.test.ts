import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import fc from "fast-check";
import { Client, escapeLiteral } from "pg";
import { prepared, unusable } from "../../rotation/rotators/database/saslPrep";
import { scramVerifier } from "../../rotation/rotators/database/scram";
import { useSandbox } from "../integration/project";
import { asSuperuser } from "../sandbox/testing/superuser";

const role = "est_sasl";
/** libpq's own preparation, where the machine has it. */
const psql = ["/usr/bin/psql", "/usr/local/bin/psql"].find(existsSync);

describe("passwords that SASLprep changes, on a real server", function () {
  this.timeout(300_000);
  const byHand: [string, string][] = [
    ["ligatures, fractions and an ellipsis", "Winter½…2019 ﬁrst"],
    ["an umlaut in two code points", "u\u0308ber-Geheimnis"],
    ["spaces that are not ASCII", "no\u00a0break\u3000ideographic\u2009thin"],
    ["what is mapped to nothing", "soft\u00adhyphen\u200djoiner\ufeff"],
    ["full-width letters", "ｐａｓｓｗｏｒｄ１２３"],
    ["Greek, and a sign", "Ωμέγα™"],
    ["right to left", "\u05e1\u05d5\u05d3\u05d9"],
    ["right to left, with a letter", "\u05e1a\u05d3"],
    ["an emoji alone, unassigned in Unicode 3.2", "horse🐎staple"],
    ["a tab beside an umlaut, which is prohibited", "ä\tö"],
    ["ASCII with control characters", "a\tb\u0007c"],
    ["quotes and backslashes", `a'b"c\\d$e`],
    ["more than 1024 bytes", "é½".repeat(700)],
  ];

  before(async () => {
    await useSandbox();
    await asSuperuser(`CREATE ROLE ${role} LOGIN; GRANT CONNECT ON DATABASE shop TO ${role}`);
  });

  const verifier = async () => {
    const [row] = await asSuperuser<{ v: string }>(`SELECT rolpassword AS v FROM pg_authid WHERE rolname = '${role}'`);
    return row?.v ?? "";
  };
  /** The server computes the verifier itself. */
  const setByServer = (password: string) => asSuperuser(`ALTER ROLE ${role} PASSWORD ${escapeLiteral(password)}`);
  const setByDriver = (password: string) =>
    asSuperuser(`ALTER ROLE ${role} PASSWORD ${escapeLiteral(scramVerifier(password, randomBytes(16)))}`);
  const logIn = async (password: string) => {
    const { PGHOST: host = "", PGPORT } = process.env;
    const client = new Client({ host, port: Number(PGPORT), database: "shop", user: role, password });
    await client.connect();
    await client.end();
  };
  const logInByLibpq = async (password: string) =>
    psql &&
    promisify(execFile)(psql, ["-X", "-h", process.env.PGHOST ?? "", "-U", role, "-d", "shop", "-c", "SELECT 1"], {
      env: { ...process.env, PGUSER: role, PGPASSWORD: password },
    });
  const isAsTheServers = async (password: string) => {
    await setByServer(password);
    const byServer = await verifier();
    const salt = Buffer.from(byServer.split(/[:$]/)[2] ?? "", "base64");
    assert.equal(scramVerifier(password, salt), byServer, `another verifier than the server's`);
  };

  for (const [what, password] of byHand) {
    it(`${what}: the verifier is the server's own, and clients log in with ours`, async () => {
      assert.equal(unusable(password), undefined);
      await isAsTheServers(password);
      await logIn(password);
      await setByDriver(password);
      await logIn(password);
      await logInByLibpq(password);
    });
  }

  it("any other: the verifier is the server's own, and what is not refused logs in", async () => {
    const ranges = [
      { min: 0x20, max: 0x17f },
      { min: 0x2000, max: 0x2150 },
      { min: 0x590, max: 0x6ff },
      { min: 0xfb00, max: 0xffee },
      { min: 0x1f100, max: 0x1f64f },
      { min: 0x1d400, max: 0x1d7ff },
    ];
    const character = fc.oneof(...ranges.map((range) => fc.integer(range).map((code) => String.fromCodePoint(code))));
    const passwords = fc.array(character, { minLength: 1, maxLength: 12 }).map((all) => all.join(""));
    const property = fc.asyncProperty(passwords, async (password) => {
      await isAsTheServers(password);
      if (unusable(password) === undefined) await logIn(password);
      else await assert.rejects(logIn(password), { code: "28P01" });
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("refuses what no client could log in with, without quoting it", () => {
    for (const [password, why] of [
      ["a\0b", /NUL/],
      ["half \ud83d", /surrogate/],
      ["½🐎", /clients do not treat alike/],
      ["\u00ad", /clients do not treat alike/],
    ] as const) {
      assert.match(unusable(password) ?? "", why);
      assert.doesNotMatch(unusable(password) ?? "", /[½🐎]/u);
    }
    assert.equal(prepared("½🐎"), "½🐎");
  });
});
