import assert from "node:assert/strict";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { problemsOf } from "./problems";

const parse = (operators: unknown) =>
  readStackConfig("dev", { "aws:region": "eu-west-1", "secret-rotation:operators": operators }).operators;

const problems = (operators: unknown) => problemsOf(() => parse(operators));

describe("what a stack installs in its cluster", () => {
  it("is nothing where nothing is said, or somebody else installs it", () => {
    assert.equal(parse(undefined), undefined);
    const { externalSecrets, reloader } = parse({ externalSecrets: { install: false } }) ?? {};
    assert.deepEqual([externalSecrets, reloader], [undefined, undefined]);
  });

  it("is one version of each chart, from its own repository", () => {
    const { externalSecrets, reloader } = parse({ externalSecrets: {}, reloader: {} }) ?? {};
    assert.deepEqual(externalSecrets, {
      version: "0.20.4",
      namespace: "external-secrets",
      repository: "https://charts.external-secrets.io",
      values: {},
    });
    assert.deepEqual(reloader, {
      version: "2.2.16",
      namespace: "reloader",
      repository: "https://stakater.github.io/stakater-charts",
      values: {},
    });
  });

  it("comes from a mirror, with other values, where that is said", () => {
    const repository = "oci://123456789012.dkr.ecr.eu-west-1.amazonaws.com/charts";
    const mirrored = { version: "2.14.0", namespace: "eso", repository, values: { replicaCount: 2 } };
    assert.deepEqual(parse({ externalSecrets: mirrored })?.externalSecrets, mirrored);
  });

  it("is told of all mistakes at once, each with its path", () => {
    assert.deepEqual(problems({}), ["operators: name an operator: externalSecrets or reloader"]);
    const externalSecrets = { version: "~0.20", namespace: "External", repository: "./charts", values: [], chart: "x" };
    const found = problems({ externalSecrets, reloader: { install: false, version: "2.2.16" }, argo: {} });
    assert.deepEqual(
      found.map((problem) => problem.split(": ")[0]),
      [
        "operators.externalSecrets.version",
        "operators.externalSecrets.namespace",
        "operators.externalSecrets.repository",
        "operators.externalSecrets.values",
        "operators.externalSecrets.chart",
        "operators.reloader.version",
        "operators.argo",
      ],
    );
    assert.match(found[0] ?? "", /must be one version of the chart, e\.g\. 1\.2\.3: a range moves by itself$/);
    assert.match(found[5] ?? "", /belongs to a release that the stack makes: leave it out, or install: false$/);
  });

  it("restarts no workload beside the rotation", () => {
    assert.deepEqual(problems({ reloader: { values: { reloader: { autoReloadAll: true } } } }), [
      "operators.reloader.values.reloader.autoReloadAll: would restart each workload a second time, beside the rotation: annotate the workloads that Reloader is to restart",
    ]);
    assert.deepEqual(problems({ reloader: { values: { reloader: { autoReloadAll: false } } } }), []);
  });
});
