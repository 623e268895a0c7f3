import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020";
import pLimit from "p-limit";
import { clauses } from "../../rotation/contract/clauses";
import { repository } from "../sandbox/paths";
import { admin } from "./acme";
import { type Issuer, startIssuer } from "./issuer";
import { type Judged, judged, those } from "./judged";

const folder = join(__dirname, "variants");
const variants = readdirSync(folder).map((file) => file.replace(/\.ts$/, ""));
const good = variants.filter((name) => name.startsWith("good-"));
const broken = variants.filter((name) => !good.includes(name));
const clauseOf = (variant: string) => variant.replaceAll("-", " ");

describe("the contract of a rotator", function () {
  this.timeout(600_000);
  const issuers: Issuer[] = [];
  /** Two at a time: some of them wait for a refusal that never comes. */
  const limit = pLimit(2);
  const runs = new Map<string, Promise<Judged & { issuer: Issuer }>>();
  const run = async (name: string) => {
    const issuer = await startIssuer();
    issuers.push(issuer);
    const given = { parameters: { url: issuer.url }, secrets: { [admin]: issuer.adminKey } };
    return { ...(await judged(join(folder, `${name}.ts`), given)), issuer };
  };

  before(() => {
    for (const name of variants) {
      const running = limit(() => run(name));
      running.catch(() => undefined);
      runs.set(name, running);
    }
  });
  after(() => Promise.all(issuers.map((issuer) => issuer.end())));

  it("has a variant that breaks it for each clause", () => {
    assert.deepEqual(broken.map(clauseOf).sort(), clauses.map(({ name }) => name).sort());
  });

  for (const name of good) {
    it(`is kept by ${name}, which leaves nothing at its issuer`, async () => {
      const one = await runs.get(name);
      assert.ok(one?.result, one?.stderr);
      assert.deepEqual([...those(one, "failed"), ...those(one, "not judged")], [], one.stdout);
      assert.deepEqual([one.code, one.result.passed, one.issuer.live()], [0, true, []]);
      assert.match(one.result.clauses.find(({ clause }) => clause === "killed")?.why ?? "", /at \d\d moments/);
    });
  }

  for (const name of broken) {
    it(`is broken at ${clauseOf(name)}, and nowhere else, by the variant of that name`, async () => {
      const one = await runs.get(name);
      assert.ok(one?.result, one?.stderr);
      assert.deepEqual(those(one, "failed"), [clauseOf(name)], one.stdout);
      assert.deepEqual([one.code, one.result.passed], [1, false]);
      const { why, remedy } = one.result.clauses.find(({ result }) => result === "failed") ?? {};
      assert.ok(why && remedy);
    });
  }

  it("is judged without a value in what the command prints, by its schema", async () => {
    const file = join(repository, "rotation/schemas/test-rotator.schema.json");
    const validate = new Ajv2020({ validateFormats: false }).compile(JSON.parse(readFileSync(file, "utf8")));
    for (const [name, running] of runs) {
      const { stdout, stderr, result, issuer } = await running;
      assert.ok(validate(result), `${name}: ${JSON.stringify(validate.errors)}`);
      assert.equal(issuer.made().length > 0, !["definition", "rotation"].includes(name), name);
      for (const value of [...issuer.made(), issuer.adminKey]) assert.ok(!`${stdout}${stderr}`.includes(value), name);
    }
  });
});
