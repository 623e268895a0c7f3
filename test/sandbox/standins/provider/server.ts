import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { fromStruct, toStruct } from "./propertyValues";
import * as protocol from "./protocol";
import type { Provider } from "./provider";
import { type AnyCall, Sessions } from "./sessions";

type Unary<Request, Response> = grpc.handleUnaryCall<Request, Response>;

/** The engine sends whole states; the default limit of 4 MB is soon reached. */
export const messageLimits = {
  "grpc.max_receive_message_length": 400 * 1024 * 1024,
  "grpc.max_send_message_length": 400 * 1024 * 1024,
};

/** Serves a provider to any number of engines, one after another or at once, on a free port of 127.0.0.1. */
export async function serveProvider<Config>(provider: Provider<Config>): Promise<{ port: number; close: () => void }> {
  const server = new grpc.Server(messageLimits);
  const sessions = new Sessions<Config>();
  server.addService(ResourceProviderService, { ...lifecycle(provider, sessions), ...operations(provider, sessions) });
  const port = await listen(server);
  return { port, close: () => server.forceShutdown() };
}

export function listen(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
}

/** A handler from a function; whatever it throws becomes the call's error. */
export function unary<Request, Response>(
  handle: (request: Request, call: AnyCall) => Response | Promise<Response>,
): Unary<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request, call))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(protocol.serviceError(error)),
      );
  };
}

function lifecycle<Config>(provider: Provider<Config>, sessions: Sessions<Config>): grpc.UntypedServiceImplementation {
  const schema = JSON.stringify({ name: provider.name, version: provider.version, resources: {} });
  return {
    handshake: unary(() => new pb.ProviderHandshakeResponse().setAcceptSecrets(true).setAcceptResources(true)),
    attach: unary(() => new Empty()),
    getPluginInfo: unary(() => new PluginInfo().setVersion(provider.version)),
    getSchema: unary(() => new pb.GetSchemaResponse().setSchema(schema)),
    checkConfig: unary((request: pb.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary(() => new pb.DiffResponse().setChanges(pb.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: unary((request: pb.ConfigureRequest, call) => {
      sessions.configure(call, provider.configure(fromStruct(request.getArgs())));
      return new pb.ConfigureResponse().setAcceptsecrets(true).setAcceptresources(true).setSupportspreview(true);
    }),
    cancel: unary((_: Empty, call) => {
      sessions.cancel(call);
      return new Empty();
    }),
  };
}

function operations<Config>(provider: Provider<Config>, sessions: Sessions<Config>): grpc.UntypedServiceImplementation {
  const operation = <Request, Response>(
    handle: (request: Request, context: protocol.CallContext<Config>) => Response | Promise<Response>,
  ) =>
    unary((request: Request, call) =>
      sessions.run(call, async (signal) => handle(request, { config: sessions.config(call), signal })),
    );
  return {
    check: operation((request: pb.CheckRequest, context) => {
      const call = protocol.checkCall(request, context);
      return protocol.checkResponse(provider.resourceType(call.type).check(call));
    }),
    diff: operation((request: pb.DiffRequest, context) => {
      const call = protocol.diffCall(request, context);
      return protocol.diffResponse(provider.resourceType(call.type).diff(call));
    }),
    create: operation(async (request: pb.CreateRequest, context) => {
      const call = protocol.createCall(request, context);
      const type = provider.resourceType(call.type);
      if (request.getPreview()) return new pb.CreateResponse().setProperties(toStruct(type.previewCreate(call)));
      const { id, outputs } = await type.create(call);
      return new pb.CreateResponse().setId(id).setProperties(toStruct(outputs));
    }),
    read: operation(async (request: pb.ReadRequest, context) => {
      const call = protocol.readCall(request, context);
      return protocol.readResponse(await provider.resourceType(call.type).read(call));
    }),
    update: operation(async (request: pb.UpdateRequest, context) => {
      const call = protocol.updateCall(request, context);
      const type = provider.resourceType(call.type);
      const outputs = request.getPreview() ? type.previewUpdate(call) : await type.update(call);
      return new pb.UpdateResponse().setProperties(toStruct(outputs));
    }),
    delete: operation(async (request: pb.DeleteRequest, context) => {
      const call = protocol.deleteCall(request, context);
      await provider.resourceType(call.type).delete(call);
      return new Empty();
    }),
    invoke: operation(async (request: pb.InvokeRequest, { config, signal }) => {
      const token = request.getTok();
      const result = await provider.invoke({ token, args: fromStruct(request.getArgs()), config, signal });
      return new pb.InvokeResponse().setReturn(toStruct(result));
    }),
  };
}
