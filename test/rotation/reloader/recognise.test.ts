import assert from "node:assert/strict";
import { reloaderView } from "../../../rotation/ports/reloaderView";
import { pauseSeconds } from "../../../rotation/reloader/pausePeriod";
import { knowsReloader, reloads } from "../../../rotation/reloader/recognise";

const domain = "reloader.stakater.com";
const container = {
  name: "main",
  env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "orders-db", key: "KEY" } } }],
};

interface Case {
  readonly workload?: Record<string, string>;
  readonly pod?: Record<string, string>;
  readonly secret?: Record<string, string>;
  readonly spec?: object;
}
function recognised({ workload, pod, secret = {}, spec = { containers: [container] } }: Case) {
  const template = { metadata: { annotations: pod ?? {} }, spec: spec as { containers: [] } };
  return reloads(reloaderView(workload, template), { name: "orders-db", annotations: secret });
}

describe("a workload that Reloader restarts for a Secret", () => {
  const named = `secret.${domain}/reload`;
  const [auto, autoSecrets, search] = [`${domain}/auto`, `secret.${domain}/auto`, `${domain}/search`];
  const match = { [`${domain}/match`]: "true" };
  const mount = { name: "main", volumeMounts: [{ name: "db", mountPath: "/db" }] };
  const volume = { name: "db", secret: { secretName: "orders-db" } };
  const projected = { name: "db", projected: { sources: [{ secret: { name: "orders-db" } }] } };
  const without = { containers: [{ name: "main" }] };

  const yes: [string, Case, because: string][] = [
    ["auto", { workload: { [auto]: "true" } }, auto],
    ["auto, as Go reads a boolean", { workload: { [auto]: "1" } }, auto],
    ["auto for Secrets", { workload: { [autoSecrets]: "true" } }, autoSecrets],
    ["one of both is enough", { workload: { [auto]: "false", [autoSecrets]: "true" } }, autoSecrets],
    ["auto on the pod template", { pod: { [auto]: "true" } }, auto],
    ["named", { workload: { [named]: "orders-db" } }, named],
    ["named among others", { workload: { [named]: "jwt, orders-db" } }, named],
    ["named by a pattern", { workload: { [named]: "orders-.*" } }, named],
    ["named on the pod template", { pod: { [named]: "orders-db" } }, named],
    ["named, whether or not a container takes it", { workload: { [named]: "orders-db" }, spec: without }, named],
    [
      "named, and excluded from the pod template only",
      { workload: { [named]: "orders-db" }, pod: { [`secrets.exclude.${domain}/reload`]: "orders-db" } },
      named,
    ],
    ["search and match", { workload: { [search]: "true" }, secret: match }, search],
    [
      "by envFrom",
      {
        workload: { [auto]: "true" },
        spec: { containers: [{ name: "main", envFrom: [{ secretRef: { name: "orders-db" } }] }] },
      },
      auto,
    ],
    ["by a volume", { workload: { [auto]: "true" }, spec: { containers: [mount], volumes: [volume] } }, auto],
    [
      "by a projected volume",
      { workload: { [auto]: "true" }, spec: { containers: [mount], volumes: [projected] } },
      auto,
    ],
    [
      "by an init container",
      { workload: { [auto]: "true" }, spec: { containers: [{ name: "main" }], initContainers: [container] } },
      auto,
    ],
  ];
  for (const [what, given, because] of yes) {
    it(what, () => assert.deepEqual(recognised(given), { because }));
  }

  const no: [string, Case][] = [
    ["nothing is said", {}],
    ["auto for ConfigMaps", { workload: { [`configmap.${domain}/auto`]: "true" } }],
    ["a ConfigMap of that name", { workload: { [`configmap.${domain}/reload`]: "orders-db" } }],
    ["a SecretProviderClass", { workload: { [`secretproviderclass.${domain}/auto`]: "true" } }],
    ["auto: false", { workload: { [auto]: "false" } }],
    ["auto, but the workload itself says something", { workload: { [auto]: "false" }, pod: { [auto]: "true" } }],
    ["auto, and no container takes it", { workload: { [auto]: "true" }, spec: without }],
    [
      "auto, and a volume that nobody mounts",
      { workload: { [auto]: "true" }, spec: { ...without, volumes: [volume] } },
    ],
    [
      "auto, and it only pulls the images",
      { workload: { [auto]: "true" }, spec: { ...without, imagePullSecrets: [{ name: "orders-db" }] } },
    ],
    ["another one is named", { workload: { [named]: "orders" } }],
    ["a pattern that is not the whole name", { workload: { [named]: "orders" } }],
    ["search without match", { workload: { [search]: "true" } }],
    ["match without search", { secret: match }],
    ["excluded", { workload: { [auto]: "true", [`secrets.exclude.${domain}/reload`]: "jwt, orders-db" } }],
    ["excluded, and named", { workload: { [named]: "orders-db", [`secrets.exclude.${domain}/reload`]: "orders-db" } }],
    ["the Secret is to be ignored", { workload: { [named]: "orders-db" }, secret: { [`${domain}/ignore`]: "true" } }],
    ["the strategy of Argo Rollouts", { workload: { [`${domain}/rollout-strategy`]: "restart" } }],
  ];
  for (const [what, given] of no) {
    it(`not: ${what}`, () => assert.equal(recognised(given), undefined));
  }

  it("is not guessed at where a pattern is one that Go alone reads", () => {
    for (const pattern of ["(?i)ORDERS-DB", "[[:alpha:]-]+", "orders-[db"]) {
      assert.ok("unsure" in (recognised({ workload: { [named]: pattern } }) ?? {}), pattern);
    }
    assert.deepEqual(recognised({ workload: { [named]: "(?i)ORDERS-DB,orders-db" } }), { because: named });
  });

  it("nor where a pattern would take for ever", () => {
    const view = reloaderView({ [named]: "(a+)+-" }, undefined);
    assert.ok("unsure" in (reloads(view, { name: "a".repeat(60), annotations: {} }) ?? {}));
  });

  it("has annotations of Reloader's; others are none", () => {
    assert.ok(!knowsReloader(reloaderView({ "acme.com/auto": "true" }, undefined)));
    assert.ok(knowsReloader(reloaderView(undefined, { metadata: { annotations: { [auto]: "true" } } })));
  });

  it("may be paused by it for a time, as Go writes it", () => {
    const seconds = (text: string) =>
      pauseSeconds(reloaderView({ [`deployment.${domain}/pause-period`]: text }, undefined));
    assert.deepEqual(["5m", "1h30m", "1.5s", "500ms"].map(seconds), [300, 5400, 1.5, 0.5]);
    assert.deepEqual(["", "5", "soon", "-1s"].map(seconds), Array(4).fill(undefined));
  });
});
