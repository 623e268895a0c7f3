import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { program } from "../../infra/program";
import { noRotation, type Rotation } from "../../infra/rotation";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const registered: Registered[] = [];

const config = {
  "aws:region": "eu-west-1",
  "secret-rotation:secrets": [
    {
      name: "shop/key",
      kind: "app",
      externalSecret: { target: "key", keys: [{ key: "KEY" }], namespaces: ["batch"] },
      consumers: [
        { namespace: "shop", name: "web", takes: "env" },
        { namespace: "shop", kind: "StatefulSet", name: "queue", takes: "volume" },
      ],
    },
    {
      name: "shop/other",
      kind: "app",
      externalSecret: { target: "other", keys: [{ key: "KEY" }] },
      consumers: [{ namespace: "shop", name: "web", takes: "env" }],
    },
  ],
};

async function run(rotation: Partial<Rotation>): Promise<Registered[]> {
  registered.length = 0;
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs });
        return { id: `${name}-id`, state: { ...inputs, arn: `arn:${name}`, versionId: `version-of-${name}` } };
      },
    },
    "secret-rotation",
    "dev",
  );
  // The SDK's mocks say that they know hooks, and lack the call.
  const registerResourceHook = (_: unknown, answered: (error: null, reply: object) => void) => answered(null, {});
  Object.assign(pulumi.runtime.getMonitor() as object, { registerResourceHook });
  await pulumi.runtime.runInPulumiStack(() =>
    program(readStackConfig("dev", config), {
      ...noRotation("2026-01-01T00:00:00.000Z"),
      known: {
        versioned: new Set(),
        valued: new Set(),
        rotations: new Set(),
        externalSecrets: undefined,
        workloads: new Map(),
      },
      ...rotation,
    }),
  );
  await pulumi.runtime.disconnect();
  return registered.slice();
}

/** How the protocol wraps a value that is marked secret. */
const secret = (value: string) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
const ofType = (all: Registered[], part: string) => all.filter(({ type }) => type.includes(part));

describe("the program", () => {
  it("provisions without a value and without touching a workload", async () => {
    const all = await run({});
    assert.deepEqual(
      ofType(all, "secret:Secret").map(({ inputs }) => inputs.name),
      ["dev/shop/key", "dev/shop/other"],
    );
    assert.equal(ofType(all, "SecretVersion").length, 0);
    assert.equal(ofType(all, "Patch").length, 0);
    assert.deepEqual(
      ofType(all, "SecretStore")
        .map(({ name }) => name)
        .sort(),
      ["batch/secret-rotation", "shop/secret-rotation"],
    );
  });

  it("makes an ExternalSecret in every namespace that needs it", async () => {
    const all = ofType(await run({}), "ExternalSecret");
    assert.deepEqual(all.map(({ name }) => name).sort(), ["batch/shop/key", "shop/shop/key", "shop/shop/other"]);
    const spec = all[0]?.inputs.spec as Record<string, unknown> | undefined;
    assert.equal(spec?.refreshInterval, "5m0s");
    assert.deepEqual(spec?.target, { name: "key", creationPolicy: "Owner", deletionPolicy: "Retain" });
  });

  it("tags the Secret with its kind, strategy and maximum age", async () => {
    const [secret] = ofType(await run({}), "secret:Secret");
    assert.deepEqual(secret?.inputs.tags, {
      "managed-by": "secret-rotation",
      environment: "dev",
      kind: "app",
      strategy: "simple",
      "max-age-days": "60",
      "created-at": "2026-01-01T00:00:00.000Z",
    });
  });

  it("writes a frozen secret's placeholder, never a value", async () => {
    const [version] = ofType(
      await run({
        known: {
          versioned: new Set(["shop/key"]),
          valued: new Set(),
          rotations: new Set(),
          externalSecrets: undefined,
          workloads: new Map(),
        },
      }),
      "SecretVersion",
    );
    assert.deepEqual(version?.inputs.secretStringWo, secret("frozen"));
  });

  it("does not bring in the patch of a workload that no rotation has restarted", async () => {
    const versioned = new Set(["shop/key", "shop/other"]);
    assert.equal(
      ofType(
        await run({
          known: {
            versioned,
            valued: versioned,
            rotations: new Set(),
            externalSecrets: undefined,
            workloads: new Map(),
          },
        }),
        "Patch",
      ).length,
      0,
    );
  });

  it("patches a workload once for all the secrets that it takes", async () => {
    const versioned = new Set(["shop/key", "shop/other"]);
    const workloads = new Map([
      ["deployment/shop/web", versioned],
      ["statefulset/shop/queue", versioned],
    ]);
    const patches = ofType(
      await run({
        known: { versioned, valued: versioned, rotations: new Set(), externalSecrets: undefined, workloads },
      }),
      "Patch",
    );
    assert.deepEqual(patches.map(({ type, name }) => `${type} ${name}`).sort(), [
      "kubernetes:apps/v1:DeploymentPatch deployment/shop/web",
      "kubernetes:apps/v1:StatefulSetPatch statefulset/shop/queue",
    ]);
    const web = patches.find(({ name }) => name.endsWith("web"))?.inputs as {
      spec: { template: { metadata: object } };
    };
    assert.deepEqual(web.spec.template.metadata, {
      annotations: {
        "dev.secret-rotation/shop.key": "never-rotated",
        "dev.secret-rotation/shop.other": "never-rotated",
      },
    });
  });
});
