import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { load } from "js-yaml";
import { databaseOf } from "../../../rotation/rotators/database/parameters";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { problemsOf } from "./problems";

const app = {
  name: "shop/session-key",
  kind: "app",
  externalSecret: { target: "session-key", keys: [{ key: "SESSION_KEY" }] },
  consumers: [{ namespace: "shop", name: "web", takes: "env" }],
};
const database = {
  name: "shop/orders-db",
  kind: "database",
  externalSecret: { target: "orders-db", keys: [{ key: "password", property: "password" }] },
  consumers: [{ namespace: "shop", name: "web", takes: "volume" }],
  database: { dbname: "shop", roles: ["a", "b"], groupRole: "orders", superuserSecret: "dev/postgres/superuser" },
};

function parse(...secrets: unknown[]) {
  return readStackConfig("dev", { "aws:region": "eu-west-1", "secret-rotation:secrets": secrets });
}

describe("the stack's configuration", () => {
  it("fills in what is not said", () => {
    const config = parse(app);
    assert.equal(config.environment, "dev");
    const [secret] = config.secrets;
    assert.equal(secret?.strategy, "simple");
    assert.equal(secret?.externalSecret?.refreshInterval, 300);
    assert.equal(secret?.consumers[0]?.kind, "Deployment");
  });

  it("takes the first strategy of a kind as its default", () => {
    assert.equal(parse(database).secrets[0]?.strategy, "alternating-users");
  });

  for (const stack of ["dev", "prod"]) {
    it(`accepts Pulumi.${stack}.yaml as it stands`, () => {
      const file = resolve(__dirname, `../../../Pulumi.${stack}.yaml`);
      const { config } = load(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
      assert.ok(readStackConfig(stack, config).secrets.length >= 4);
    });
  }

  it("reports every mistake at once, each with its path", () => {
    const found = problemsOf(() =>
      readStackConfig("dev", {
        "secret-rotation:secrets": [
          { ...app, maxAgeDay: 3 },
          { ...database, consumers: [{ namespace: "shop", name: "Web", takes: "file" }] },
          { ...app, externalSecret: { ...app.externalSecret, refreshInterval: "5 minutes" } },
        ],
      }),
    );
    assert.deepEqual(found, [
      "aws:region: is needed: e.g. eu-west-1",
      "secrets[0].maxAgeDay: is not a known key: remove or correct it",
      "secrets[1].consumers[0].name: must be a Kubernetes name: lower case letters, digits, - and .",
      'secrets[1].consumers[0].takes: Invalid option: expected one of "volume"|"env"',
      'secrets[2].externalSecret.refreshInterval: "5 minutes" is no duration: write a number and s, m, h or d, e.g. 5m',
    ]);
  });

  const audited = (audit: unknown, ...secrets: unknown[]) =>
    readStackConfig("dev", {
      "aws:region": "eu-west-1",
      "secret-rotation:audit": audit,
      "secret-rotation:secrets": secrets,
    });

  it("takes places for the audit trail, with a prefix of its own", () => {
    assert.equal(audited(undefined).audit, undefined);
    assert.deepEqual(audited({ s3: { bucket: "acme-audit" }, file: "audit.jsonl" }).audit, {
      s3: { bucket: "acme-audit", prefix: "secret-audit" },
      file: "audit.jsonl",
    });
  });

  it("refuses an audit trail without a place, and its mistakes together with those of the secrets", () => {
    const s3 = { bucket: "Acme", prefix: "/audit/", region: "eu-west-1" };
    assert.deepEqual(
      problemsOf(() => audited({})),
      ["audit: name a place: s3, cloudWatchLogs or file"],
    );
    assert.deepEqual(
      problemsOf(() => audited({ s3, cloudWatchLogs: {}, files: "a" }, { ...app, maxAgeDay: 3 })),
      [
        "secrets[0].maxAgeDay: is not a known key: remove or correct it",
        "audit.s3.bucket: must be the name of a bucket",
        "audit.s3.prefix: must be letters, digits and !-_.*'() in parts divided by /",
        "audit.s3.region: is not a known key: remove or correct it",
        "audit.cloudWatchLogs.logGroup: Invalid input: expected string, received undefined",
        "audit.files: is not a known key: remove or correct it",
      ],
    );
  });

  const backedUp = (backup: unknown) =>
    readStackConfig("dev", { "aws:region": "eu-west-1", "secret-rotation:backup": backup });

  it("takes a bucket for the backups, with a key, a prefix and an age of its own", () => {
    assert.deepEqual(backedUp({ bucket: "acme-backups" }).backup, {
      bucket: "acme-backups",
      prefix: "secret-backups",
      retentionDays: 90,
      provision: true,
    });
  });

  it("refuses backups that could not be kept as declared", () => {
    const objectLock = { mode: "GOVERNANCE", days: 100 };
    assert.deepEqual(
      problemsOf(() => backedUp({ bucket: "acme-backups", objectLock })),
      ["backup.objectLock.days: must be at most retentionDays, 90"],
    );
    assert.deepEqual(
      problemsOf(() => backedUp({ bucket: "acme-backups", provision: false, objectLock: { ...objectLock, days: 1 } })),
      [
        "backup.kmsKeyId: is needed where the stack does not provision bucket and key",
        "backup.objectLock: belongs to a bucket that the stack provisions: lock yours where it is made",
      ],
    );
    assert.deepEqual(
      problemsOf(() => backedUp({ bucket: "Acme", days: 3 })),
      [
        "backup.bucket: must be a bucket's name: 3 to 63 lower case letters, digits, . and -",
        "backup.days: is not a known key: remove or correct it",
      ],
    );
  });

  it("tells an unknown key together with the mistakes in what is known", () => {
    const found = problemsOf(() =>
      readStackConfig("dev", {
        "secret-rotation:secretz": [],
        "secret-rotation:secrets": [{ ...app, maxAgeDay: 1 }],
        "secret-rotation:audit": {},
      }),
    );
    assert.deepEqual(
      found.map((problem) => problem.split(":")[0]),
      ["aws", "secretz", "secrets[0].maxAgeDay", "audit"],
    );
  });

  it("refuses an unknown key of the project's namespace", () => {
    const found = problemsOf(() => readStackConfig("dev", { "aws:region": "eu-west-1", "secret-rotation:secret": [] }));
    assert.deepEqual(found, ["secret: is not a known key: remove or correct it"]);
  });

  it("refuses a refresh interval outside of one minute to one hour", () => {
    const of = (refreshInterval: string) => ({ ...app, externalSecret: { ...app.externalSecret, refreshInterval } });
    assert.deepEqual(
      problemsOf(() => parse(of("59s"))),
      ["secrets[0].externalSecret.refreshInterval: must be from 1m to 1h, is 59s"],
    );
    assert.deepEqual(
      problemsOf(() => parse(of("61m"))),
      ["secrets[0].externalSecret.refreshInterval: must be from 1m to 1h, is 61m"],
    );
    assert.deepEqual(
      problemsOf(() => parse(of("1h"))),
      [],
    );
  });

  it("refuses names that Kubernetes would refuse only after the value has changed", () => {
    const part = "must be letters, digits and _.- in parts divided by /, each begun and ended by a letter or digit";
    for (const name of ["shop/a@b+c=d", "-x_", "shop/_x", "shop./x", "shop//x"]) {
      assert.deepEqual(
        problemsOf(() => parse({ ...app, name })),
        [`secrets[0].name: ${part}`],
        name,
      );
    }
    const consumers = [{ namespace: "shop.eu", name: "web..1", takes: "env" }];
    const externalSecret = { target: "key-", keys: [{ key: "..key" }], namespaces: ["x".repeat(64)] };
    const namespace = "must be a namespace's name: at most 63 lower case letters, digits and -";
    const kubernetes = "must be a Kubernetes name: lower case letters, digits, - and .";
    assert.deepEqual(
      problemsOf(() => parse({ ...app, externalSecret, consumers })),
      [
        `secrets[0].externalSecret.target: ${kubernetes}`,
        "secrets[0].externalSecret.keys[0].key: must be a key of a Kubernetes Secret: letters, digits, -, _ and .",
        `secrets[0].externalSecret.namespaces[0]: ${namespace}`,
        `secrets[0].consumers[0].namespace: ${namespace}`,
        `secrets[0].consumers[0].name: ${kubernetes}`,
      ],
    );
    for (const name of ["a", "Shop/a_b.c-d", "x".repeat(60)])
      assert.deepEqual(
        problemsOf(() => parse({ ...app, name })),
        [],
      );
  });

  it("refuses what is declared twice", () => {
    assert.deepEqual(
      problemsOf(() => parse(app, { ...database, name: "shop.session-key" }, { ...app, name: "other" })),
      [
        "secrets[1].name: the name shop.session-key is declared already at secrets[0].name",
        "secrets[2].externalSecret.target: the Kubernetes Secret shop/session-key is declared already at secrets[0].externalSecret.target",
      ],
    );
  });

  it("refuses a strategy that the kind does not have", () => {
    assert.deepEqual(problemsOf(() => parse({ ...app, strategy: "single-user" })).slice(0, 1), [
      "secrets[0].strategy: kind app has no strategy single-user: choose from simple, simple-overlap, native",
    ]);
  });

  const keys = (...properties: (string | undefined)[]) => ({
    externalSecret: { target: "t", keys: properties.map((property, i) => ({ key: `K${i}`, property })) },
  });

  it("refuses a property that the value cannot have", () => {
    const [problem, ...others] = problemsOf(() => parse({ ...app, ...keys(undefined, "value") }));
    assert.match(
      problem ?? "",
      /^secrets\[0\]\.externalSecret\.keys\[1\]\.property: a value of strategy simple is a plain text/,
    );
    assert.deepEqual(others, []);
    for (const more of [{ property: "value" }, { strategy: "native" }, { kind: "jwt" }]) {
      assert.deepEqual(
        problemsOf(() => parse({ ...app, ...keys(undefined, "value"), ...more })),
        [],
      );
    }
  });

  it("takes the property that is renewed, of strategy simple alone, as names with dots between them", () => {
    for (const property of ["session_key", "auth.session-key", "$key", "ключ", "a b"]) {
      assert.equal(parse({ ...app, property }).secrets[0]?.property, property);
    }
    for (const property of [
      "",
      "a*",
      "a.",
      ".a",
      "a..b",
      "a|b",
      "#",
      "@this",
      "a.@this",
      "a\\.b",
      "[0]",
      "!x",
      "l.#",
    ]) {
      const name = "secrets[0].property: must be the name of a property, or names with dots between them";
      assert.deepEqual(
        problemsOf(() => parse({ ...app, property })),
        [name],
        property,
      );
    }
    assert.deepEqual(
      problemsOf(() => parse({ ...app, kind: "jwt", property: "current" })),
      ["secrets[0].property: belongs to strategy simple; this secret has strategy simple-overlap"],
    );
  });

  it("takes what External Secrets reads as a name or a path, and refuses its queries", () => {
    const taken = [
      "a",
      "a.b",
      "list.0",
      "a*",
      "a?b",
      "@type",
      "a#b",
      "$ref",
      "a:b",
      "a[0]",
      "\\@this",
      "a\\|b",
      "l.\\#",
      "!important",
      ".",
    ];
    assert.deepEqual(
      problemsOf(() => parse({ ...app, kind: "jwt", ...keys(...taken) })),
      [],
    );
    const queries = [
      "@this",
      "@pretty:{}",
      "a.@keys",
      "a|b",
      "l.#",
      "l.#.x",
      'l.#(x=="y").z',
      "[a,b]",
      "{a}",
      "a.[b]",
      "..0",
      "!true",
      "!1",
      "a\\.[b]",
    ];
    for (const query of queries) {
      const [problem, ...others] = problemsOf(() => parse({ ...app, kind: "jwt", ...keys(query) }));
      assert.match(
        problem ?? "",
        /keys\[0\]\.property: is no name or path: External Secrets would take .* for a query/,
        query,
      );
      assert.deepEqual(others, []);
    }
    const empty = problemsOf(() => parse({ ...app, kind: "jwt", ...keys("") }));
    assert.deepEqual(empty, [
      "secrets[0].externalSecret.keys[0].property: must not be empty: leave it out for the whole value",
    ]);
  });

  it("says why it has not what an ExternalSecret could have", () => {
    const key = { key: "K", version: "v1", decodingStrategy: "Base64", remoteRef: {} };
    const found = problemsOf(() =>
      parse({ ...app, externalSecret: { target: "t", keys: [key], template: {}, dataFrom: [] } }),
    );
    assert.deepEqual(
      found.map((problem) => problem.replace(/ is not supported: .*/, "")).sort(),
      ["dataFrom:", "keys[0].decodingStrategy:", "keys[0].remoteRef:", "keys[0].version:", "template:"].map(
        (path) => `secrets[0].externalSecret.${path}`,
      ),
    );
  });

  it("takes any role name that PostgreSQL takes, and refuses what it reads otherwise", () => {
    const named = (role: string) =>
      parse({ ...database, strategy: "single-user", database: { ...database.database, roles: [role] } });
    for (const role of ["svc.orders", "Ünïcode", "a b", "1st", 'quo"te', "app@acme.example"]) named(role);
    for (const role of [
      "",
      " a",
      "a ",
      "a\nb",
      "a\0",
      "pg_monitor",
      "public",
      "none",
      "x".repeat(64),
      "ü".repeat(32),
    ]) {
      assert.match(problemsOf(() => named(role)).join(), /database\.roles\[0\]: must be a PostgreSQL role name/, role);
    }
  });

  it("an admin endpoint is beside services', which have to be said; roles are of the server that it names", () => {
    const admin = { host: "db.internal" };
    const at = (name: string, more: object) => ({
      ...database,
      name,
      externalSecret: { ...database.externalSecret, target: name.replace("/", "-") },
      database: { ...database.database, ...more },
    });
    assert.equal(
      parse(at("shop/a", { host: "pooler", admin })).secrets.map((secret) => databaseOf({ secret }).admin?.port)[0],
      5432,
    );
    const found = problemsOf(() => parse(at("shop/a", { admin })));
    assert.deepEqual(found, [
      "secrets[0].database.host: is needed beside admin: where services connect, e.g. the pooler",
    ]);
    const twice = problemsOf(() =>
      parse(at("shop/a", { host: "pooler", admin }), at("shop/b", { host: "DB.internal" })),
    );
    assert.deepEqual(
      twice.map((text) => text.replace(/ is declared already.*/, "")),
      ["a", "b"].map((role) => `secrets[1].database.roles: the role ${role} of the same server`),
    );
  });

  it("wants two roles and a group for alternating users, one role for a single user", () => {
    const { groupRole: _, ...ungrouped } = database.database;
    assert.deepEqual(
      problemsOf(() => parse({ ...database, database: { ...ungrouped, roles: ["a", "a"] } })),
      [
        "secrets[0].database.roles: alternating-users needs 2 different roles",
        "secrets[0].database.groupRole: is needed: both roles own the same things through it",
      ],
    );
    assert.deepEqual(
      problemsOf(() => parse({ ...database, strategy: "single-user" })),
      ["secrets[0].database.roles: single-user needs 1 different role"],
    );
  });

  it("wants to know how the secret comes into Kubernetes", () => {
    const { externalSecret: _, ...hidden } = app;
    assert.deepEqual(
      problemsOf(() => parse(hidden)),
      [
        "secrets[0].externalSecret: is needed, unless a consumer in AWS takes it: it says how the secret comes into Kubernetes",
        "secrets[0].consumers: consumers take the secret from Kubernetes: declare externalSecret too",
      ],
    );
  });
});
