import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { problemsOf } from "./problems";

const secret = (name: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: ["shop"] },
});

describe("secrets that are declared in files beside the stack's", () => {
  let folder: string;
  const read = (secretFiles: unknown, secrets?: unknown) =>
    readStackConfig(
      "dev",
      {
        "aws:region": "eu-west-1",
        "secret-rotation:secretFiles": secretFiles,
        ...(secrets !== undefined && { "secret-rotation:secrets": secrets }),
      },
      folder,
    );

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "secret-files-"));
    mkdirSync(join(folder, "secrets"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (file: string, content: unknown) =>
    writeFileSync(join(folder, file), typeof content === "string" ? content : JSON.stringify(content));

  it("follow those of the stack's own file, in the order of the files", () => {
    write(
      "secrets/shop.yaml",
      "# of team shop\n- name: two\n  kind: app\n  externalSecret: {target: two, keys: [{key: K}], namespaces: [shop]}\n",
    );
    write("more.json", [secret("three"), secret("four")]);
    const { secrets, secretFiles } = read(["secrets/shop.yaml", "more.json"], [secret("one")]);
    assert.deepEqual(
      secrets.map(({ name }) => name),
      ["one", "two", "three", "four"],
    );
    assert.deepEqual(secretFiles, ["secrets/shop.yaml", "more.json"]);
  });

  it("tell each mistake with its file, and what is declared twice in two of them", () => {
    write("a.yaml", [secret("one"), { ...secret("two"), kind: "appp" }]);
    write("b.yaml", [secret("one")]);
    const found = problemsOf(() => read(["a.yaml", "b.yaml"]));
    assert.equal(found.length, 3);
    assert.match(found[0] ?? "", /^a\.yaml\[1\]\.kind: /);
    assert.equal(found[1], "b.yaml[0].name: the name one is declared already at a.yaml[0].name");
    assert.match(found[2] ?? "", /^b\.yaml\[0\]\.externalSecret\.target: /);
  });

  for (const [what, content, message] of [
    ["that is not there", undefined, /^secretFiles\[0\]: a\.yaml cannot be read: ENOENT/],
    ["that is no YAML", "- {name: ", /^secretFiles\[0\]: a\.yaml cannot be read: /],
    ["that is no list", { secrets: [secret("one")] }, /^secretFiles\[0\]: a\.yaml must be a list of secrets/],
    ["that is empty", "", /^secretFiles\[0\]: a\.yaml cannot be read: .* empty/],
  ] as const) {
    it(`refuse a file ${what}`, () => {
      if (content !== undefined) write("a.yaml", content);
      const found = problemsOf(() => read(["a.yaml"]));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", message);
    });
  }

  it("refuse a file that is named twice, and what is no list of paths", () => {
    write("a.yaml", [secret("one")]);
    assert.deepEqual(
      problemsOf(() => read(["a.yaml", "a.yaml"])),
      ["secretFiles[1]: a.yaml is named already"],
    );
    assert.match(problemsOf(() => read("a.yaml")).join(), /^secretFiles: /);
  });
});
