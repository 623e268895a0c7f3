import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesOf } from "../../../rotation/values/externalSecrets";
import { documentOf, hasDuplicates, namesIn, withProperties } from "../../../rotation/values/jsonDocument";
import { documents } from "./documents";

describe("a JSON document that is edited in place", () => {
  it("changes the value alone, however it is written", () => {
    assert.equal(
      withProperties('{\n  "n": 12345678901234567890,\t"\\u0061" : null ,"o":{ "a":1.0 }\n}\n', { a: 'x"y' }),
      '{\n  "n": 12345678901234567890,\t"\\u0061" : "x\\"y" ,"o":{ "a":1.0 }\n}\n',
    );
  });

  it("gets what it does not have at its end, and keeps what is so already", () => {
    assert.equal(withProperties('{ "p" : "5432" }', { p: "5432", q: 1 }), '{ "p" : "5432","q":1 }');
    assert.equal(withProperties("{ }", { a: "1", b: "2" }), '{"a":"1","b":"2" }');
  });

  it("keeps every other property byte for byte", () => {
    fc.assert(
      fc.property(documents, fc.string({ unit: "grapheme" }), (text, secret) => {
        const document = documentOf(text);
        fc.pre(document !== undefined && !hasDuplicates(document.root));
        const edited = withProperties(text, { session_key: secret });
        assert.equal(bytesOf(edited, "session_key")?.toString(), secret);
        const [before, after] = [text, edited].map((one) => rawProperties(one));
        after?.delete("session_key");
        before?.delete("session_key");
        assert.deepEqual(after, before);
      }),
    );
  });

  it("knows a property that is written twice, at any depth", () => {
    const twice = (text: string) => hasDuplicates(documentOf(text)?.root ?? assert.fail());
    assert.ok(twice('{"a":1,"b":2,"\\u0061":3}'));
    assert.ok(twice('[{"a":{"x":1,"x":1}}]'));
    assert.ok(!twice('{"a":{"a":1},"b":[{"a":1},{"a":1}, 1, 1]}'));
  });

  it("is no other text, and none that is nested too deep", () => {
    for (const text of ["", "1", '"a"', "{a:1}", '{"a":1,}', "// \n{}", "\ufeff{}"])
      assert.equal(documentOf(text), undefined);
    assert.equal(namesIn(`${"[".repeat(20_000)}${"]".repeat(20_000)}`)?.length ?? 0, 0);
  });
});

function rawProperties(text: string): Map<unknown, string> {
  const children = documentOf(text)?.root.children ?? [];
  return new Map(
    children.map(({ children: [key, value] = [] }) => [
      key?.value,
      text.slice(value?.offset, (value?.offset ?? 0) + (value?.length ?? 0)),
    ]),
  );
}
