import { spawn } from "node:child_process";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { type InstallDependenciesRequest, InstallDependenciesResponse } from "@pulumi/pulumi/proto/language_pb";
import { serviceError } from "../provider/protocol";

/** Runs `npm install` in the project for `pulumi install`. */
export function installDependencies(
  call: ServerWritableStream<InstallDependenciesRequest, InstallDependenciesResponse>,
): void {
  const cwd = call.request.getInfo()?.getProgramDirectory() ?? call.request.getDirectory();
  const child = spawn("npm", ["install"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (data: Buffer) => call.write(new InstallDependenciesResponse().setStdout(data)));
  child.stderr.on("data", (data: Buffer) => call.write(new InstallDependenciesResponse().setStderr(data)));
  child.once("error", (error) => call.emit("error", serviceError(error)));
  child.once("close", (code) => {
    if (code === 0) call.end();
    else call.emit("error", serviceError(new Error(`npm install ended with exit code ${String(code)}`)));
  });
}
