import assert from "node:assert/strict";
import { needle, searchBytes } from "./needles";

const value = "kX3vQ8sLw0Zr7TnYb2Hd";
const needles = [needle("it", value)];
const formIn = (text: string) => searchBytes("here", Buffer.from(text), needles).map(({ form }) => form);

describe("the search for a value", () => {
  it("finds it as it is", () => assert.deepEqual(formIn(`{"password":"${value}"}`), ["plain"]));

  it("finds it in hexadecimal", () => assert.deepEqual(formIn(Buffer.from(value).toString("hex")), ["hex"]));

  it("finds it in the base64 of a longer text, wherever it begins and ends in there", () => {
    for (const before of ["", "a", "ab", "abc"]) {
      for (const after of ["", "y", "yz", "xyz"]) {
        const encoded = Buffer.from(`${before}${value}${after}`).toString("base64");
        assert.deepEqual(formIn(`data: ${encoded}\n`), ["base64"], `${before}…${after}`);
      }
    }
  });

  it("does not find what is not there", () => {
    const other = value.toLowerCase();
    assert.deepEqual(formIn(other + Buffer.from(other).toString("base64")), []);
  });

  it("never tells the value", () => {
    assert.ok(!JSON.stringify(searchBytes("here", Buffer.from(value), needles)).includes(value));
  });
});
