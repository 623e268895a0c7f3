import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { describe, it } from "mocha";
import { waitFor } from "../../process/waitFor";
import { fromStruct, type PropertyMap, toStruct } from "./propertyValues";
import type { Provider, ResourceType } from "./provider";
import { serveProvider } from "./server";
import { unimplemented } from "./unimplemented";

const urn = "urn:pulumi:dev::project::test:index:Slow::name";

/** A provider whose resources take for ever to delete, and say what they were configured with when created. */
function slowProvider(waiting: Set<string>): Provider<PropertyMap> {
  const type: ResourceType<PropertyMap> = {
    ...unimplemented<PropertyMap>("test", "Slow"),
    create: async ({ config }) => ({ id: String(config.region), outputs: {} }),
    delete: async ({ id, signal }) => {
      waiting.add(id);
      await delay(60_000, undefined, { signal }).finally(() => waiting.delete(id));
    },
  };
  return {
    name: "test",
    version: "1.0.0",
    configure: (args) => args,
    resourceType: () => type,
    invoke: async ({ config }) => config,
  };
}

describe("a provider with several engines", () => {
  const waiting = new Set<string>();
  let server: Awaited<ReturnType<typeof serveProvider>>;
  let engines: ResourceProviderClient[];

  const configured = async (region: string) => {
    // Each engine is a process of its own, so it has a connection of its own.
    const options = { "grpc.use_local_subchannel_pool": 1 };
    const engine = new ResourceProviderClient(`127.0.0.1:${server.port}`, grpc.credentials.createInsecure(), options);
    const request = new pb.ConfigureRequest().setArgs(toStruct({ region }));
    await new Promise((resolve, reject) =>
      engine.configure(request, (e, response) => (e ? reject(e) : resolve(response))),
    );
    engines.push(engine);
    return engine;
  };

  const remove = (engine: ResourceProviderClient, id: string) =>
    new Promise<void>((resolve, reject) => {
      engine.delete(new pb.DeleteRequest().setUrn(urn).setId(id), (error) => (error ? reject(error) : resolve()));
    });

  beforeEach(async () => {
    engines = [];
    server = await serveProvider(slowProvider(waiting));
  });

  afterEach(() => {
    for (const engine of engines) engine.close();
    server.close();
  });

  it("keeps their configurations apart", async () => {
    const regions = ["eu-west-1", "us-east-1"];
    const all = await Promise.all(regions.map(configured));
    const invoked = all.map(
      (engine) =>
        new Promise<PropertyMap>((resolve, reject) => {
          engine.invoke(new pb.InvokeRequest().setTok("x"), (e, r) =>
            e ? reject(e) : resolve(fromStruct(r.getReturn())),
          );
        }),
    );
    assert.deepEqual(
      await Promise.all(invoked),
      regions.map((region) => ({ region })),
    );
  });

  it("ends what one of them cancels, and no more", async () => {
    const [one, two] = [await configured("a"), await configured("b")];
    const first = assert.rejects(remove(one, "first"), /abort|cancel/i);
    const second = assert.rejects(remove(two, "second"));
    await waitFor("both to wait", () => waiting.size === 2, { timeoutMs: 5000 });
    await new Promise((resolve, reject) =>
      one.cancel(new Empty(), (error) => (error ? reject(error) : resolve(undefined))),
    );
    await first;
    assert.deepEqual([...waiting], ["second"]);
    two.close();
    server.close();
    await second;
  });

  it("ends the waits of one that has gone", async () => {
    const engine = await configured("a");
    const call = engine.delete(new pb.DeleteRequest().setUrn(urn).setId("left"), () => undefined);
    await waitFor("it to wait", () => waiting.has("left"), { timeoutMs: 5000 });
    call.cancel();
    await waitFor("it to end", () => !waiting.has("left"), { timeoutMs: 5000 });
  });
});
