import { once } from "node:events";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import { type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";
import { startChild } from "./children";
import { nodeOptions, sdkFile } from "./nodeOptions";

/** With this the program says that it has told the engine itself what went wrong. */
const bailExitCode = 32;

/** Runs the Pulumi program and waits for its end. */
export async function runProgram(
  call: Pick<ServerUnaryCall<RunRequest, RunResponse>, "request" | "on">,
  engineAddress: string,
): Promise<RunResponse> {
  const { request } = call;
  const options = nodeOptions(request.getInfo());
  const child = startChild([...options.nodeArgs, ...programArgs(request, options.directory, engineAddress)], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...options.env, ...configEnv(request) },
  });
  call.on("cancelled", () => child.kill("SIGINT"));
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  const response = new RunResponse();
  if (code === bailExitCode) return response.setBail(true);
  if (code === 0) return response;
  return response.setError(`Program exited with ${signal ? `signal ${signal}` : `non-zero exit code: ${code}`}`);
}

function programArgs(request: RunRequest, directory: string, engineAddress: string): string[] {
  const info = request.getInfo();
  const flags = Object.entries({
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info?.getRootDirectory() ?? "",
    stack: request.getStack(),
    pwd: directory,
    parallel: String(request.getParallel()),
  });
  return [
    sdkFile("cmd/run", directory),
    ...flags.filter(([, value]) => value !== "").flatMap(([name, value]) => [`--${name}`, value]),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() ?? request.getProgram(),
    ...request.getArgsList(),
  ];
}

function configEnv(request: RunRequest): Record<string, string> {
  const config = [...request.getConfigMap().entries()].map(([key, value]) => [withConfig(key), value]);
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  };
}

/** `namespace:name` as the SDK looks it up: `namespace:config:name`. */
function withConfig(key: string): string {
  const colon = key.indexOf(":");
  return `${key.slice(0, colon)}:config:${key.slice(colon + 1)}`;
}
