import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { declaredBy } from "../../../../infra/access/declared";
import { strategyOf } from "../../../../infra/config/rotator";
import { readStackConfig } from "../../../../rotation/rotators/readStackConfig";
import { problemsOf } from "../../../infra/config/problems";
import { repository } from "../../../sandbox/paths";

const acme = { url: "https://acme.example", account: "eu", admin: "prod/acme/admin" };
const secret = (kind: string, more: object = {}) => ({
  name: "shop/acme",
  kind,
  externalSecret: { target: "acme", keys: [{ key: "KEY", property: "key" }], namespaces: ["shop"] },
  ...more,
});
const program = {
  exec: ["./rotate-acme"],
  about: "a key of Acme's API",
  overlap: "two-live",
  properties: ["id", "key"],
  verbs: ["issue", "test", "revoke", "find"],
};
const { exec: _, ...said } = program;
const endpoint = { ...said, http: { url: "https://acme.example/verbs" } };

describe("rotators that a stack names", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "own-rotators-"));
    mkdirSync(join(folder, "node_modules"));
    // As in a clone, whose package has this name.
    symlinkSync(repository, join(folder, "node_modules/secret-rotation"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return `./${name}`;
  };
  const read = (rotators: unknown, ...secrets: object[]) => {
    const values = { "secret-rotation:rotators": rotators, "secret-rotation:secrets": secrets };
    return readStackConfig("prod", { "aws:region": "eu-west-1", ...values }, folder);
  };
  const problems = (...args: Parameters<typeof read>) => problemsOf(() => read(...args));
  const example = () => relative(folder, join(repository, "test/issuer/rotators/acme.ts"));
  const definition = (more = "", kind = "acme-key") =>
    `{ kind: "${kind}", about: "a key", maxAgeDays: 90, overlap: "two-live", properties: ["id", "key"],
       steps: { issue: async () => ({}), test: async () => "accepted", revoke: async () => {} }, ${more} }`;

  it("a module's kind is one like the others: parameters, strategy, age, and what it reads", () => {
    const config = read({ "acme-key": example() }, secret("acme-key", { "acme-key": acme }));
    const [declared] = config.secrets;
    assert.deepEqual(declared?.parameters, { ...acme, gracePeriod: 86_400 });
    assert.deepEqual([declared?.strategy, declared?.maxAgeDays], ["two-live", 90]);
    assert.ok(declared && "steps" in strategyOf(config.rotators, declared));
    const surroundings = { account: "123456789012", backend: "file://.", secretsProvider: undefined };
    assert.deepEqual(declaredBy(config, surroundings).superusers, [acme.admin]);
  });

  it("mistakes in its block come with all others, each with its path", () => {
    const wrong = secret("acme-key", { "acme-key": { ...acme, account: "", acount: "eu" }, maxAgeDay: 1 });
    assert.deepEqual(problems({ "acme-key": example() }, wrong), [
      "secrets[0].maxAgeDay: is not a known key: remove or correct it",
      "secrets[0].acme-key.account: Too small: expected string to have >=1 characters",
      "secrets[0].acme-key.acount: is not a known key: remove or correct it",
    ]);
  });

  it("may be exported by any name, by CommonJS, or be a plain object", () => {
    const own = 'const { defineRotator } = require("secret-rotation/rotator");';
    for (const [name, text] of [
      [
        "named.ts",
        `import { defineRotator } from "secret-rotation/rotator"; export const acme = defineRotator(${definition()});`,
      ],
      ["common.js", `${own} module.exports = defineRotator(${definition()});`],
      ["plain.js", `module.exports = ${definition()};`],
      ["plain.ts", `export default ${definition()};`],
    ] as const) {
      assert.ok(read({ "acme-key": file(name, text) }).rotators.has("acme-key"), name);
    }
  });

  it("a wrong export is refused with all that is missing", () => {
    const [withoutSteps, typo, other, nothing, two] = [
      file("missing.ts", 'export default { kind: "acme-key", maxAgeDays: "90", parameters: {}, maxAge: 1 };'),
      file(
        "typo.js",
        `module.exports = { ...${definition()}, steps: { issue() {}, tset() {}, find() {}, create: 1 } };`,
      ),
      file("other.js", `module.exports = ${definition("", "acme")};`),
      file("nothing.js", "exports.a = 1;"),
      file(
        "two.ts",
        `import { defineRotator as d } from "secret-rotation/rotator"; export const [a, b] = [d(${definition()}), d(${definition()})];`,
      ),
    ];
    assert.deepEqual(problems({ "acme-key": withoutSteps }), [
      "rotators.acme-key.about: is needed: what such a secret is, e.g. a key of Acme's API",
      "rotators.acme-key.maxAgeDays: is needed: the age in days from which a secret is stale",
      "rotators.acme-key.parameters: must be a zod object, e.g. z.strictObject({account: z.string()})",
      "rotators.acme-key.overlap: is needed: two-live, one-live, expiring, consumers-only",
      "rotators.acme-key.properties: is needed: the properties of a credential, e.g. [id, key]",
      "rotators.acme-key.steps: is needed: an object with the functions test, issue or create, …",
      "rotators.acme-key.maxAge: is not a known key: remove or correct it",
    ]);
    assert.deepEqual(problems({ "acme-key": typo }), [
      "rotators.acme-key.steps.tset: is no step: choose from check, issue, create, set, test, revoke, find, lastUsed",
      "rotators.acme-key.steps.create: must be a function",
      "rotators.acme-key.steps: test is needed: it says whether a credential is accepted",
      "rotators.acme-key.steps: revoke is needed: with two-live the older credential stays valid until then",
      "rotators.acme-key.steps: revoke is needed: what find says is taken out of use",
    ]);
    assert.deepEqual(problems({ "acme-key": other }), [
      `rotators.acme-key.kind: is acme in ${join(folder, other)}: it has to be acme-key, as it is named here`,
    ]);
    assert.match(
      problems({ "acme-key": nothing }).join(),
      /nothing\.js exports no rotator: export default defineRotator/,
    );
    assert.match(
      problems({ "acme-key": two }).join(),
      /two\.ts exports several rotators: make one of them the default/,
    );
  });

  it("a file that is missing or fails is a problem of one line beside the others", () => {
    const rotators = {
      one: "./none.ts",
      two: file("throws.ts", 'throw new Error("no network\\nat all");'),
      three: file("syntax.ts", "export default {;"),
      four: file("imports.ts", 'import "./nowhere"; export default {};'),
      five: "./rotator.py",
    };
    const found = problems(rotators, secret("one", { colour: "red", one: { any: 1 } }));
    const says = [
      /^rotators\.one: there is no file .*\/none\.ts$/,
      /^rotators\.two: .*\/throws\.ts cannot be loaded: Error: no network at all$/,
      /^rotators\.three: .*\/syntax\.ts cannot be loaded: .*Expression expected|^rotators\.three: .*cannot be loaded: .*expected/,
      /^rotators\.four: .*\/imports\.ts cannot be loaded: Error: Cannot find module '\.\/nowhere'$/,
      /^rotators\.five: must be the path of a \.ts or \.js file, from the project's folder$/,
      /^secrets\[0\]\.colour: is not a known key/,
    ];
    assert.equal(found.length, says.length, found.join("\n"));
    for (const [i, pattern] of says.entries()) assert.match(found[i] ?? "", pattern);
  });

  it("a name that is taken, or is no name, is refused", () => {
    assert.deepEqual(problems({ database: example(), name: program, Acme: program, acme: 7 }), [
      "rotators.database: the kind database comes with the project: choose another name",
      "rotators.name: is a field that every declaration may have",
      "rotators.Acme: must be lower case letters, digits and single -, begun by a letter",
      "rotators.acme: must be the path of a module, {exec: [program, …], …} or {http: {url: …}, …}",
    ]);
  });

  it("a program's kind takes any parameters; an endpoint's reads its headers' secrets too", () => {
    const header = { secret: "prod/acme/token", property: "token", scheme: "Bearer" };
    const rotators = {
      "acme-program": { ...program, reads: [acme.admin], gracePeriod: "2d" },
      "acme-endpoint": {
        ...endpoint,
        http: { ...endpoint.http, headersFrom: { Authorization: header } },
        maxAgeDays: 30,
      },
    };
    const other = { name: "shop/other", externalSecret: { ...secret("").externalSecret, target: "other" } };
    const config = read(rotators, secret("acme-program", { "acme-program": acme }), secret("acme-endpoint", other));
    assert.deepEqual(
      config.secrets.map(({ parameters, maxAgeDays }) => [parameters, maxAgeDays]),
      [
        [acme, 90],
        [{}, 30],
      ],
    );
    const surroundings = { account: "123456789012", backend: "file://.", secretsProvider: undefined };
    assert.deepEqual(declaredBy(config, surroundings).superusers, [acme.admin, "prod/acme/token"]);
  });

  it("a program or an endpoint that is declared wrongly is told all of it", () => {
    const rotators = {
      one: { exec: [], verbs: ["isue"], environment: ["A B"] },
      two: { ...program, verbs: ["create", "test"] },
      three: { ...program, overlap: "one-live" },
      four: { ...endpoint, http: { url: "http://acme.example/verbs", headersFrom: { "a b": { secret: "s" } } } },
      five: { ...endpoint, http: { url: "https://me:pass@acme.example", header: 1 } },
    };
    assert.deepEqual(problems(rotators), [
      "rotators.one.exec: name the program",
      "rotators.one.about: is needed: what such a secret is, e.g. a key of Acme's API",
      "rotators.one.overlap: is needed: two-live, one-live, expiring, consumers-only",
      "rotators.one.properties: is needed: the properties of a credential, e.g. [id, key]",
      "rotators.one.verbs[0]: must be of check, issue, create, set, test, revoke, find, lastUsed",
      "rotators.one.environment[0]: must be the name of a variable",
      "rotators.two.verbs: revoke is needed: with two-live the older credential stays valid until then",
      "rotators.two.verbs: set is needed: the target has to be told of what create has made",
      "rotators.three.verbs: create is needed: with one-live the new credential is stored before the target takes it",
      "rotators.three.verbs: set is needed: with one-live the target takes what create has made",
      "rotators.three.verbs: issue does not go with one-live: what was valid before would be refused at once",
      "rotators.four.http.url: must be https:// (http:// on localhost alone)",
      "rotators.four.http.headersFrom: must have names of headers",
      "rotators.five.http.url: must hold no credential: take it from a secret by headersFrom",
      "rotators.five.http.header: is not a known key: remove or correct it",
    ]);
  });
});
