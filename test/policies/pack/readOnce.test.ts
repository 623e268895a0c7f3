import assert from "node:assert/strict";
import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { describe, it } from "mocha";
import "../../../policies/pack/readOnce";
import { unknownText } from "../analyzer";

type Analyze = (call: { readonly request: proto.AnalyzeRequest }, done: (error: unknown) => void) => void;
const { makeAnalyzeRpcFun } = require("@pulumi/policy/server") as {
  makeAnalyzeRpcFun(pack: string, version: string, level: string, policies: ResourceValidationPolicy[]): Analyze;
};

/** What each of two policies gets of one request. */
async function seenBy(request: proto.AnalyzeRequest): Promise<readonly ResourceValidationArgs[]> {
  const seen: ResourceValidationArgs[] = [];
  const policy = (name: string): ResourceValidationPolicy => ({
    name,
    description: name,
    enforcementLevel: "mandatory",
    validateResource: (args) => void seen.push(args),
  });
  const analyze = makeAnalyzeRpcFun("pack", "1.0.0", "mandatory", [policy("one"), policy("two")]);
  await new Promise<void>((resolve, reject) =>
    analyze({ request }, (error) => (error ? reject(error as Error) : resolve())),
  );
  return seen;
}

function requestOf(properties: Record<string, string>): proto.AnalyzeRequest {
  const provider = new proto.AnalyzerProviderResource().setProperties(Struct.fromJavaScript({ region: "eu-west-1" }));
  return new proto.AnalyzeRequest()
    .setProperties(Struct.fromJavaScript(properties))
    .setOptions(new proto.AnalyzerResourceOptions())
    .setProvider(provider);
}

describe("what the policies of a pack read of a resource", () => {
  it("is made once for all of them", async () => {
    const [one, two] = await seenBy(requestOf({ name: "a" }));
    assert.equal(one?.props.name, "a");
    assert.equal(one.props, two?.props);
    assert.equal(one.provider?.props.region, "eu-west-1");
    assert.equal(one.provider.props, two?.provider?.props);
  });

  it("is another for each request, and says what is not known yet", async () => {
    const [first] = await seenBy(requestOf({ name: "a" }));
    const [second] = await seenBy(requestOf({ name: unknownText }));
    assert.equal(first?.props.name, "a");
    assert.throws(() => second?.props.name, /can't be known during preview/);
  });
});
