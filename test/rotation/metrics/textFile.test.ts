import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sample } from "../../../rotation/metrics/samples";
import { openMetrics, parseOpenMetrics, writeMetricsFile } from "../../../rotation/metrics/textFile";

interface Family {
  readonly name: string;
  readonly type: string;
  readonly metrics: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: string }[];
}
/** It has no types. */
const parsePrometheusTextFormat: (text: string) => Family[] = require("parse-prometheus-text-format");

const sample = (measure: Sample["measure"], secret: string, value: number, environment = "prod"): Sample => ({
  measure,
  environment,
  secret: `${environment}/${secret}`,
  value,
});

describe("the metrics as OpenMetrics text", () => {
  const samples = [
    sample("age", "two", 3),
    sample("age", "one", 0),
    sample("failure", "one", 0),
    sample("duration", "one", 2.125),
    sample("daysToExpiry", "one", -4),
  ];

  it("are what the specification asks for", () => {
    assert.equal(
      openMetrics(samples),
      [
        "# TYPE secret_rotation_failure gauge",
        "# HELP secret_rotation_failure 1: the last run failed to rotate the secret.",
        'secret_rotation_failure{environment="prod",secret="prod/one"} 0',
        "# TYPE secret_rotation_duration_seconds gauge",
        "# UNIT secret_rotation_duration_seconds seconds",
        "# HELP secret_rotation_duration_seconds Seconds of the last rotation.",
        'secret_rotation_duration_seconds{environment="prod",secret="prod/one"} 2.125',
        "# TYPE secret_age_days gauge",
        "# HELP secret_age_days Days since the value of the secret was rotated.",
        'secret_age_days{environment="prod",secret="prod/one"} 0',
        'secret_age_days{environment="prod",secret="prod/two"} 3',
        "# TYPE secret_days_to_expiry gauge",
        "# HELP secret_days_to_expiry Days until the value of the secret expires.",
        'secret_days_to_expiry{environment="prod",secret="prod/one"} -4',
        "# EOF",
        "",
      ].join("\n"),
    );
  });

  it("are read by a parser of others as they are meant", () => {
    const families = parsePrometheusTextFormat(openMetrics(samples));
    assert.deepEqual(
      families.map(({ name, type }) => [name, type]),
      [
        ["secret_rotation_failure", "GAUGE"],
        ["secret_rotation_duration_seconds", "GAUGE"],
        ["secret_age_days", "GAUGE"],
        ["secret_days_to_expiry", "GAUGE"],
      ],
    );
    assert.deepEqual(families[2]?.metrics, [
      { labels: { environment: "prod", secret: "prod/one" }, value: "0" },
      { labels: { environment: "prod", secret: "prod/two" }, value: "3" },
    ]);
  });

  it("are read back as they were written, whatever a label holds", () => {
    const odd = [{ ...samples[0], secret: 'a"b\\c\nd\\n' } as Sample];
    assert.deepEqual(parseOpenMetrics(openMetrics(odd)), odd);
    const [family] = parsePrometheusTextFormat(openMetrics(odd));
    assert.equal(family?.metrics[0]?.labels?.secret, odd[0]?.secret);
    assert.equal(parseOpenMetrics("node_load1 3\n"), undefined);
  });
});

describe("the file of the metrics", () => {
  const folder = mkdtempSync(join(tmpdir(), "metrics-"));
  const file = join(folder, "secrets.prom");
  const declared = new Set(["prod/one", "prod/two"]);
  const write = (...samples: Sample[]) => writeMetricsFile(file, samples, { environment: "prod", declared });
  const held = () => parseOpenMetrics(readFileSync(file, "utf8"))?.map((s) => `${s.measure} ${s.secret} ${s.value}`);
  after(() => rmSync(folder, { recursive: true }));

  it("keeps what is told of others, and lets go what is declared no more", async () => {
    assert.equal(await write(sample("age", "one", 5), sample("age", "two", 5), sample("failure", "one", 1)), undefined);
    await writeMetricsFile(file, [sample("age", "one", 9, "dev")], {
      environment: "dev",
      declared: new Set(["dev/one"]),
    });
    await writeMetricsFile(file, [sample("age", "gone", 9)], { environment: "prod", declared: new Set(["prod/gone"]) });
    assert.deepEqual(held()?.sort(), ["age dev/one 9", "age prod/gone 9"]);
    await write(sample("age", "one", 6), sample("failure", "one", 1));
    await write(sample("age", "one", 0), sample("age", "two", 1));
    assert.deepEqual(held()?.sort(), ["age dev/one 9", "age prod/one 0", "age prod/two 1", "failure prod/one 1"]);
  });

  it("is written at once, for every reader, and leaves nothing beside it", async () => {
    const { ino } = statSync(file);
    await write(sample("age", "one", 1));
    assert.notEqual(statSync(file).ino, ino, "written in place: a reader may get half of it");
    assert.equal(statSync(file).mode & 0o777, 0o644);
    assert.deepEqual(readdirSync(folder), ["secrets.prom"]);
  });

  it("of others is left alone; what cannot be written is told", async () => {
    const theirs = join(folder, "node.prom");
    writeFileSync(theirs, "node_load1 3\n");
    const into = (path: string) => writeMetricsFile(path, [sample("age", "one", 1)], { environment: "prod", declared });
    assert.match((await into(theirs)) ?? "", /node\.prom holds metrics of others\. Name a file of its own/);
    assert.equal(readFileSync(theirs, "utf8"), "node_load1 3\n");
    assert.match((await into(join(folder, "none", "x.prom"))) ?? "", /not written: ENOENT.* Name a file that can be/);
    mkdirSync(join(folder, "folder.prom"));
    assert.match((await into(join(folder, "folder.prom"))) ?? "", /not written: EISDIR/);
    assert.ok(!readdirSync(folder).some((name) => name.startsWith(".")));
  });
});
