import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { formatPath, parsePath, pathContains } from "./propertyPath";

describe("property paths", () => {
  const paths = {
    "spec.containers[0].env": ["spec", "containers", 0, "env"],
    'tags["rotated.at"]': ["tags", "rotated.at"],
    'metadata.annotations["a/b.c"].x': ["metadata", "annotations", "a/b.c", "x"],
    '["say \\"so\\" now"]': ['say "so" now'],
  };
  for (const [text, path] of Object.entries(paths)) {
    it(`reads and writes ${text}`, () => {
      assert.deepEqual(parsePath(text), path);
      assert.equal(formatPath(path), text);
    });
  }

  it("reads names with hyphens, and wildcards", () => {
    assert.deepEqual(parsePath("tags.rotated-at"), ["tags", "rotated-at"]);
    assert.deepEqual(parsePath("spec.containers[*].env"), ["spec", "containers", "*", "env"]);
  });

  it("says where a text is no path", () => {
    assert.throws(() => parsePath("tags[oops"), /"tags\[oops" is not a property path \(character 4\)/);
  });

  it("contains what lies in it, and nothing beside it", () => {
    const contains = (pattern: string, path: string) => pathContains(parsePath(pattern), parsePath(path));
    assert.ok(contains("metadata.annotations", 'metadata.annotations["x"]'));
    assert.ok(contains("spec.containers[*].env", "spec.containers[3].env[0]"));
    assert.ok(!contains('metadata.annotations["x"]', "metadata.annotations"));
    assert.ok(!contains("metadata.annotation", "metadata.annotations"));
  });
});
