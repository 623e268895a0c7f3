import assert from "node:assert/strict";
import { bytesOf } from "../../../rotation/values/externalSecrets";

describe("what External Secrets reads", () => {
  const of = (value: string, property?: string) => bytesOf(value, property)?.toString();
  const table: readonly (readonly [string, string, string | undefined])[] = [
    ["null", "", undefined],
    ["true", "true", undefined],
    ["12345678901234567890", "12345678901234567890", undefined],
    ["-0", "-0", undefined],
    ["-0.0", "-0", undefined],
    ["1.0", "1", undefined],
    ["1e3", "1000", undefined],
    ["1.5e-7", "0.00000015", undefined],
    ["1e21", `1${"0".repeat(21)}`, undefined],
    ["1e999", "+Inf", undefined],
    ['"a\\nb"', "a\nb", undefined],
    ['"\\ud83d\\ude00"', "😀", undefined],
    ['"\\ud83d!"', "\ufffd!", undefined],
    ['{ "b" : 1,"a":[ 2 ] }', '{ "b" : 1,"a":[ 2 ] }', undefined],
  ];
  for (const [json, expected] of table) {
    it(`makes ${JSON.stringify(expected)} of ${json}`, () => assert.equal(of(`{"a" : ${json} }`, "a"), expected));
  }

  it("takes the whole value as it is, its line ends too", () => {
    for (const value of ["x\n\n", " {\n} ", "é", ""]) assert.equal(of(value), value);
  });

  it("finds names, paths and patterns, first a name with dots", () => {
    const value = '{"a":{"b":1,"c.d":2},"a.b":3,"l":[[4],{"x":5}],"@type":6,"s*r":7,"@this":8,"e":1,"e":2}';
    const found = ["a.b", "a\\.b", "a.c\\.d", "l.0.0", "l.1.x", "@type", "s*r", "s\\*r", "?", "\\@this", "e"];
    assert.deepEqual(
      found.map((property) => of(value, property)),
      ["3", "3", "2", "4", "5", "6", "7", "7", '{"b":1,"c.d":2}', "8", "1"],
    );
    for (const property of ["A", "a.x", "l.2", "l.x", "a.b.c", "e."]) assert.equal(of(value, property), undefined);
  });

  it("finds nothing in what is no document", () => {
    for (const value of ["text", "", "1", '"{}"', "{", "null"]) assert.equal(of(value, "a"), undefined);
  });
});
