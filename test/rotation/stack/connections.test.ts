import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { EngineClient, EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { GetRootResourceRequest, GetRootResourceResponse } from "@pulumi/pulumi/proto/engine_pb";
import * as settings from "@pulumi/pulumi/runtime/settings";
import { describe, it } from "mocha";
import "../../../rotation/stack/connections";

/** An engine that answers one question. */
async function engine(port: number): Promise<{ port: number; end: () => void }> {
  const server = new grpc.Server();
  const answer = (_: unknown, callback: grpc.sendUnaryData<unknown>) => callback(null, new GetRootResourceResponse());
  const service = EngineService as unknown as grpc.ServiceDefinition;
  const rest = Object.fromEntries(Object.keys(service).map((method) => [method, answer]));
  server.addService(service, rest);
  const credentials = grpc.ServerCredentials.createInsecure();
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, at) => (error ? reject(error) : resolve(at)));
  });
  return { port: bound, end: () => server.forceShutdown() };
}

/** As the SDK makes its clients. */
function ask(port: number): () => Promise<string> {
  const options = (settings as unknown as { grpcClientOptions: grpc.ClientOptions }).grpcClientOptions;
  const client = new EngineClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
  return () =>
    new Promise((resolve) => {
      client.getRootResource(new GetRootResourceRequest(), (error) => resolve(error ? error.message : "answered"));
    });
}

describe("connections to the engine", () => {
  it("do not fail where another engine, which has ended, had the same port", async () => {
    const first = await engine(0);
    const former = ask(first.port);
    assert.equal(await former(), "answered");
    first.end();
    assert.match(await former(), /UNAVAILABLE/);
    const second = await engine(first.port);
    assert.equal(await ask(second.port)(), "answered");
    second.end();
  });
});
