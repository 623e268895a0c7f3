import * as settings from "@pulumi/pulumi/runtime/settings";

/**
 * gRPC shares connections by address within a process. An engine may get the port of one that has ended a moment before:
 * the shared connection would still count as failed, and the new engine's program with it ("No connection established.
 * Last error: null"). With this every client has its own.
 */
const options = { "grpc.use_local_subchannel_pool": 1 };

// The SDK has no setting for it: these are the options that it makes its clients with.
Object.assign((settings as unknown as { grpcClientOptions: object }).grpcClientOptions, options);
