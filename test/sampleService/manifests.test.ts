import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Container, V1Deployment } from "@kubernetes/client-node";
import { deployment, type SampleServiceName, sampleServiceObjects, sampleServices, service } from "./manifests";
import { publishSecret } from "./publishSecret";
import { secretSource } from "./service/secretSource";
import { readSettings } from "./service/settings";

const databaseSecret = (name: string) => ({
  host: "db",
  port: "5432",
  dbname: "shop",
  username: name,
  password: `of ${name}`,
});
const secrets: Record<string, Record<string, string>> = {
  "orders-db": databaseSecret("orders_a"),
  "reports-db": databaseSecret("reports"),
  "session-key": { SESSION_KEY: "s1" },
  "jwt-signing": { current: "k2", previous: "k1" },
};

function container({ spec }: V1Deployment): V1Container {
  const [first] = spec?.template.spec?.containers ?? [];
  assert.ok(first);
  return first;
}

/** The environment that the kubelet would give to the container. */
function environment(name: SampleServiceName): Record<string, string> {
  const variables = (container(deployment(name)).env ?? []).map(({ name, value, valueFrom }) => {
    const ref = valueFrom?.secretKeyRef;
    return [name, value ?? (ref ? secrets[ref.name ?? ""]?.[ref.key] : "10.0.0.1")];
  });
  return Object.fromEntries(variables);
}

/** Mounts the volumes of the Deployment under a folder. */
function mount(name: SampleServiceName, podRoot: string): void {
  const volumes = deployment(name).spec?.template.spec?.volumes ?? [];
  for (const { name: volume, mountPath } of container(deployment(name)).volumeMounts ?? []) {
    const secretName = volumes.find((candidate) => candidate.name === volume)?.secret?.secretName ?? "";
    publishSecret(join(podRoot, mountPath), secrets[secretName] ?? {});
  }
}

describe("manifests of the sample service", () => {
  let podRoot: string;
  beforeEach(() => {
    podRoot = mkdtempSync(join(tmpdir(), "pod-"));
  });
  afterEach(() => rmSync(podRoot, { recursive: true }));

  for (const name of sampleServices) {
    it(`give every secret to ${name}`, () => {
      mount(name, podRoot);
      const source = secretSource({ ...environment(name), POD_ROOT: podRoot });
      const at = { host: "db", port: 5432, database: "shop" };
      assert.deepEqual(source.database("orders"), { ...at, user: "orders_a", password: "of orders_a" });
      assert.deepEqual(source.database("reports"), { ...at, user: "reports", password: "of reports" });
      assert.equal(source.sessionKey(), "s1");
      assert.deepEqual(source.jwtKeys(), { current: "k2", previous: "k1" });
    });

    it(`select the pods of ${name} and no others`, () => {
      const selector = service(name).spec?.selector;
      const { spec } = deployment(name);
      assert.deepEqual(selector, spec?.template.metadata?.labels);
      assert.deepEqual(selector, spec?.selector.matchLabels);
      const others = sampleServices.filter((other) => other !== name).map((other) => service(other).spec?.selector);
      for (const other of others) assert.notDeepEqual(selector, other);
    });

    it(`tell ${name} where to listen and to end before it is killed`, () => {
      const settings = readSettings(environment(name));
      assert.equal(settings.podIp, "10.0.0.1");
      assert.equal(settings.port, container(deployment(name)).ports?.[0]?.containerPort);
      const grace = deployment(name).spec?.template.spec?.terminationGracePeriodSeconds ?? 0;
      assert.ok(grace > settings.lameduckSeconds);
    });
  }

  it("keep all replicas while they are restarted", () => {
    assert.deepEqual(deployment("shop-env").spec?.strategy?.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 });
  });

  it("hold no secret value and take their options", () => {
    const text = JSON.stringify(sampleServiceObjects({ progressDeadlineSeconds: 7, replicas: 3 }));
    assert.doesNotMatch(text, /"value":"(?:s1|k1|k2|of )/);
    assert.equal(text.match(/"progressDeadlineSeconds":7/g)?.length, sampleServices.length);
    assert.equal(text.match(/"replicas":3/g)?.length, sampleServices.length);
  });
});
