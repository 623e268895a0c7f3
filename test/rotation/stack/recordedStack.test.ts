import assert from "node:assert/strict";
import { versionAnnotation } from "../../../infra/names";
import { externalSecretUrn, ownUrns, secretUrn } from "../../../infra/urns";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { parseState } from "../../../rotation/stack/recordedStack";

const secret = (name: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name.replace("/", "-"), keys: [{ key: "KEY" }], namespaces: ["web"] },
});
const config = readStackConfig("dev", {
  "aws:region": "eu-west-1",
  "secret-rotation:secrets": [secret("orders-db"), secret("shop/orders-db")],
});
const recorded = (resources: object[]) => parseState("dev", { deployment: { resources } }, config);

describe("what the stack's state holds of a secret", () => {
  it("is told of a left-over of its own, and of no other secret's with a longer name", () => {
    const found = recorded([{ urn: externalSecretUrn("dev", "gone", "shop/orders-db") }]);
    assert.deepEqual(found.get("shop/orders-db")?.unreleased, ["gone/shop/orders-db"]);
    assert.deepEqual(found.get("orders-db")?.unreleased, []);
  });

  it("says whether its recorded tags have an older credential that is to be retired", () => {
    const [pending, settled] = [{ "retire-pending": "true" }, {}].map((tags) =>
      recorded([{ urn: secretUrn("dev", "orders-db"), inputs: { tags } }]).get("orders-db"),
    );
    assert.deepEqual([pending?.retirePending, settled?.retirePending], [true, false]);
  });

  it("says which version Kubernetes was told of", () => {
    const inputs = { metadata: { annotations: { [versionAnnotation]: "v2" } } };
    const found = recorded([{ urn: externalSecretUrn("dev", "web", "orders-db"), inputs }]).get("orders-db");
    assert.deepEqual([found?.told("v1"), found?.told("v2")], [false, true]);
  });

  it("belongs to the secret of exactly this name", () => {
    const owners = (urn: string) => config.secrets.filter((one) => ownUrns("dev", one).includes(urn));
    for (const urn of [secretUrn("dev", "shop/orders-db"), externalSecretUrn("dev", "web", "shop/orders-db")]) {
      assert.deepEqual(
        owners(urn).map(({ name }) => name),
        ["shop/orders-db"],
      );
    }
  });
});
