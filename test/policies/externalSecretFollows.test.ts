import assert from "node:assert/strict";
import { type Json, type Pack, type TestResource, unknownText } from "./analyzer";
import { ofPolicy, reporter } from "./resources";
import { sharedPack } from "./sharedPack";

const policy = "external-secret-follows";
const says = reporter(
  policy,
  "An ExternalSecret keeps up with its secret, and keeps the value when the provider fails.",
);

function externalSecret(spec: Json, target: Json = {}, version = "v1"): TestResource {
  return {
    type: `kubernetes:external-secrets.io/${version}:ExternalSecret`,
    name: "shop/shop/orders-db",
    props: {
      kind: "ExternalSecret",
      metadata: { name: "orders-db", namespace: "shop" },
      spec: {
        refreshInterval: "5m0s",
        secretStoreRef: { name: "secret-rotation", kind: "SecretStore" },
        target: { name: "orders-db", creationPolicy: "Owner", deletionPolicy: "Retain", ...target },
        ...spec,
      },
    },
  };
}

function store(kind: string, name: string, namespace = "shop"): TestResource {
  return {
    type: `kubernetes:external-secrets.io/v1:${kind}`,
    name: `${namespace}/${name}`,
    props: { kind, metadata: { name, namespace } },
  };
}

describe("policies/externalSecretFollows", () => {
  let pack: Pack;
  before(async () => {
    pack = await sharedPack("prod");
  });

  async function judged(resource: TestResource, config: Json = {}) {
    await pack.configure({ [policy]: config });
    return ofPolicy(policy, await pack.analyze(resource));
  }

  it("passes an ExternalSecret as infra/ declares it", async () => {
    assert.deepEqual(await judged(externalSecret({})), []);
  });

  for (const refreshInterval of ["0", "0s", "0h0m0s", 0, "-5m"]) {
    it(`reports refreshInterval ${refreshInterval}`, async () => {
      assert.deepEqual(await judged(externalSecret({ refreshInterval })), [
        says(
          "mandatory",
          "ExternalSecret shop/orders-db has refreshInterval 0, so it never reads a rotated value: set it to 5m",
        ),
      ]);
    });
  }

  it("reports an interval over the tier of the environment", async () => {
    const found = (limit: string, environment: string) =>
      `ExternalSecret shop/orders-db has refreshInterval ${limit} (${environment}): `;
    assert.deepEqual(await judged(externalSecret({ refreshInterval: "5m1s" })), [
      says("mandatory", `${found("301s, its limit is 300s", "prod")}set it to 5m or less`),
    ]);
    const development = await sharedPack("dev");
    await development.configure();
    const inDevelopment = async (refreshInterval: string) =>
      ofPolicy(policy, await development.analyze(externalSecret({ refreshInterval })));
    assert.deepEqual(await inDevelopment("15m"), []);
    assert.deepEqual(await inDevelopment("16m"), [
      says("advisory", `${found("960s, its limit is 900s", "dev")}set it to 15m or less`),
    ]);
  });

  it("takes the tier from the configuration", async () => {
    assert.deepEqual(await judged(externalSecret({ refreshInterval: "1h0m0s" }), { maxRefreshInterval: "1h" }), []);
    assert.equal((await judged(externalSecret({ refreshInterval: "2m" }), { maxRefreshInterval: "1m" })).length, 1);
  });

  it("knows that the operator's own default, an hour, is too long", async () => {
    const { props, ...rest } = externalSecret({});
    const { refreshInterval: _, ...spec } = props.spec as { [key: string]: string };
    const [found] = await judged({ ...rest, props: { ...props, spec } });
    assert.match(found?.message ?? "", /has refreshInterval 3600s, its limit is 300s \(prod\)/);
  });

  it("reports what is no duration, and leaves alone what is not known yet", async () => {
    assert.deepEqual(await judged(externalSecret({ refreshInterval: "often" })), [
      says(
        "mandatory",
        "ExternalSecret shop/orders-db has a refreshInterval that is no duration: set it to 5m or less",
      ),
    ]);
    assert.deepEqual(await judged(externalSecret({ refreshInterval: unknownText })), []);
  });

  it("reports a refreshPolicy that reads once", async () => {
    assert.deepEqual(await judged(externalSecret({ refreshPolicy: "CreatedOnce" })), [
      says(
        "mandatory",
        "ExternalSecret shop/orders-db has refreshPolicy CreatedOnce, so it never reads a rotated value: set it to Periodic",
      ),
    ]);
  });

  it("reports policies by which the value is lost or not kept, in every version of the API", async () => {
    assert.deepEqual(await judged(externalSecret({}, { deletionPolicy: "Delete" }, "v1beta1")), [
      says(
        "mandatory",
        "ExternalSecret shop/orders-db has a deletionPolicy other than Retain, " +
          "so a failing provider takes the value from the workloads: set it to Retain",
      ),
    ]);
    assert.deepEqual(await judged(externalSecret({}, { creationPolicy: "Merge" })), [
      says(
        "mandatory",
        "ExternalSecret shop/orders-db has a creationPolicy other than Owner, " +
          "so nothing creates and keeps its Kubernetes Secret: set it to Owner",
      ),
    ]);
    assert.deepEqual(await judged(externalSecret({ target: {} })), [], "the operator's defaults are the right ones");
  });

  describe("its store", () => {
    async function judgedStack(...resources: TestResource[]) {
      await pack.configure();
      return ofPolicy(policy, await pack.analyzeStack(resources));
    }
    const missing = (name: string) => [
      says(
        "mandatory",
        `ExternalSecret shop/orders-db names the ${name}, which is not in this stack: declare it, or name one that is`,
      ),
    ];

    it("is in the stack", async () => {
      assert.deepEqual(await judgedStack(externalSecret({}), store("SecretStore", "secret-rotation")), []);
      const secretStoreRef = { name: "aws", kind: "ClusterSecretStore" };
      assert.deepEqual(await judgedStack(externalSecret({ secretStoreRef }), store("ClusterSecretStore", "aws")), []);
    });

    it("is missing, in another namespace, or of another kind", async () => {
      const expected = missing("SecretStore shop/secret-rotation");
      assert.deepEqual(await judgedStack(externalSecret({})), expected);
      assert.deepEqual(
        await judgedStack(externalSecret({}), store("SecretStore", "secret-rotation", "other")),
        expected,
      );
      assert.deepEqual(await judgedStack(externalSecret({}), store("ClusterSecretStore", "secret-rotation")), expected);
      const secretStoreRef = { name: "aws", kind: "ClusterSecretStore" };
      const found = await judgedStack(externalSecret({ secretStoreRef }), store("SecretStore", "aws"));
      assert.deepEqual(found, missing("ClusterSecretStore aws"));
    });
  });
});
