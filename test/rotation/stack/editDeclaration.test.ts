import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { declarationIn, editDeclaration } from "../../../rotation/stack/editDeclaration";
import { repository } from "../../sandbox/paths";

const lambda = "arn:aws:lambda:eu-west-1:123456789012:function:rotate";
const native = { lambda, automaticallyAfter: "30d" };
const block = `# who looks after it: team shop
config:
  aws:region: eu-west-1   # Ireland
  secret-rotation:secrets:
    # comes first
    - name: shop/other
      kind: app

    - name: shop/partner   # of Acme
      # renewed by hand until 2025
      kind: api-key   # an issuer's
      externalSecret: {target: partner, keys: [{key: KEY}]}   # as the service reads it
      consumers:
        - {namespace: shop, name: web, takes: env}

  # the end
`;

describe("the edit of a declaration", () => {
  it("adds fields beside the kind, and leaves comments and layout as they are", () => {
    const edited = editDeclaration(block, "shop/partner", { strategy: "native", native });
    const line = "      kind: api-key   # an issuer's\n";
    const added = `${line}      strategy: native\n      native: {lambda: ${lambda}, automaticallyAfter: 30d}\n`;
    assert.equal(edited, block.replace(line, added));
  });

  it("does the same in a file that is a list of declarations", () => {
    const list = block.slice(block.indexOf("    # comes first"), block.indexOf("\n  # the end"));
    const edited = editDeclaration(list, "shop/partner", { strategy: "native" });
    const line = "      kind: api-key   # an issuer's\n";
    assert.equal(edited, list.replace(line, `${line}      strategy: native\n`));
  });

  it("is undone by taking them away", () => {
    const edited = editDeclaration(block, "shop/partner", { strategy: "native", native }) ?? "";
    assert.equal(editDeclaration(edited, "shop/partner", { strategy: undefined, native: undefined }), block);
    const nested = block.replace(
      "      kind: api-key",
      `      native:\n        lambda: ${lambda}\n        automaticallyAfter: 30d\n      kind: api-key`,
    );
    assert.equal(editDeclaration(nested, "shop/partner", { native: undefined }), block);
    const first = block.replace("- name: shop/other\n", "- strategy: native\n      name: shop/other\n");
    assert.equal(editDeclaration(first, "shop/other", { strategy: undefined }), block);
  });

  it("replaces a value", () => {
    const edited = editDeclaration(block, "shop/partner", { strategy: "native", native }) ?? "";
    assert.equal(
      editDeclaration(edited, "shop/partner", { native: { ...native, automaticallyAfter: "7d" } }),
      edited.replace("30d", "7d"),
    );
  });

  it("works in declarations of one line, and in JSON", () => {
    const flow = "config:\n  secret-rotation:secrets:\n    - {name: one, kind: app, length: 64} # x\n";
    const edited = editDeclaration(flow, "one", { strategy: "native" });
    assert.equal(edited, flow.replace("kind: app", "kind: app, strategy: native"));
    assert.equal(editDeclaration(edited ?? "", "one", { strategy: undefined }), flow);
    const json = JSON.stringify({ config: { "secret-rotation:secrets": [{ name: "one", kind: "app" }] } });
    const inJson = editDeclaration(json, "one", { native, strategy: "native" }) ?? "";
    assert.deepEqual(JSON.parse(inJson).config["secret-rotation:secrets"], [
      { name: "one", kind: "app", native, strategy: "native" },
    ]);
  });

  it("works in the examples, for each of their secrets", () => {
    for (const file of ["Pulumi.dev.yaml", "Pulumi.prod.yaml"]) {
      const text = readFileSync(join(repository, file), "utf8");
      for (const { name } of parse(text).config["secret-rotation:secrets"]) {
        const before = declarationIn(text, name);
        const edited = editDeclaration(text, name, { strategy: "native", native });
        assert.ok(edited, name);
        assert.deepEqual(declarationIn(edited, name), { ...before, strategy: "native", native });
        const kept = edited.split("\n").filter((line) => text.split("\n").includes(line));
        assert.ok(kept.length >= text.split("\n").length - 1, "one line at most is another");
      }
    }
  });

  it("is refused where it would change more, or there is nothing to change", () => {
    assert.equal(editDeclaration(block, "shop/third", { strategy: "native" }), undefined);
    const aliased = "x: &one {name: one, kind: app}\nconfig:\n  secret-rotation:secrets: [*one]\n";
    assert.equal(editDeclaration(aliased, "one", { strategy: "native" }), undefined);
    assert.equal(editDeclaration("config: [", "one", { strategy: "native" }), undefined);
  });
});
