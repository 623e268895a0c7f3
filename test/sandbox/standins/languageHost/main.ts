// A language host for `runtime: nodejs`, for where Pulumi's own cannot be downloaded: the engine starts it as
// `pulumi-language-nodejs [flags] <engine address>`, reads its port from the first line, and calls it by gRPC.

import { fstatSync } from "node:fs";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { serviceError } from "../provider/protocol";
import { listen, messageLimits, unary } from "../provider/server";
import { endChildren } from "./children";
import { installDependencies } from "./installDependencies";
import { runPlugin } from "./runPlugin";
import { runProgram } from "./runProgram";

const { version } = require("@pulumi/pulumi/package.json") as { version: string };

let engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith("-")) ?? "";

const service: grpc.UntypedServiceImplementation = {
  handshake: unary((request: pb.LanguageHandshakeRequest) => {
    engineAddress = request.getEngineAddress();
    return new pb.LanguageHandshakeResponse();
  }),
  getPluginInfo: unary(() => new PluginInfo().setVersion(version)),
  // None to download: what a program needs stands on PATH or is attached.
  getRequiredPackages: unary(() => new pb.GetRequiredPackagesResponse()),
  getRequiredPlugins: unary(() => new pb.GetRequiredPluginsResponse()),
  getProgramDependencies: unary(() => new pb.GetProgramDependenciesResponse()),
  runtimeOptionsPrompts: unary(() => new pb.RuntimeOptionsResponse()),
  about: unary(() => new pb.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
  installDependencies,
  run: (call: grpc.ServerUnaryCall<pb.RunRequest, pb.RunResponse>, callback: grpc.sendUnaryData<pb.RunResponse>) => {
    runProgram(call, engineAddress).then(
      (response) => callback(null, response),
      (error: unknown) => callback(serviceError(error)),
    );
  },
  runPlugin: (call: Parameters<typeof runPlugin>[0]) => void runPlugin(call),
  cancel: unary(() => {
    endChildren("SIGINT");
    return new Empty();
  }),
};

async function main(): Promise<void> {
  process.on("exit", () => endChildren("SIGTERM"));
  exitWithEngine();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => process.exit(0));
  const server = new grpc.Server(messageLimits);
  server.addService(LanguageRuntimeService, service);
  process.stdout.write(`${await listen(server)}\n`);
}

/** The engine holds the other end of standard input: when it dies in whatever way, the input ends. */
function exitWithEngine(): void {
  if (!fstatSync(0).isFIFO()) return;
  process.stdin.resume();
  process.stdin.once("end", () => process.exit(0));
}

main().catch((error: unknown) => {
  process.stderr.write(`the language host could not be started: ${String(error)}\n`);
  process.exitCode = 1;
});
