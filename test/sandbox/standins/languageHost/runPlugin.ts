import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { serviceError } from "../provider/protocol";
import { type Environment, serveAnalyzer } from "./analyzerProxy";
import { startChild } from "./children";
import { nodeOptions, sdkFile } from "./nodeOptions";

type Call = ServerWritableStream<RunPluginRequest, RunPluginResponse>;

/** Runs a plugin written for Node.js: a policy pack, or anything else that prints its port and serves. */
export async function runPlugin(call: Call): Promise<void> {
  const launch = call.request.getKind() === "analyzer" ? launchPolicyPack : launchPlugin;
  try {
    await launch(call);
  } catch (error) {
    call.emit("error", serviceError(error));
  }
}

async function launchPlugin(call: Call): Promise<void> {
  const { request } = call;
  const { directory } = nodeOptions(request.getInfo());
  const child = start(call, "run-plugin", [directory, ...request.getArgsList()], request.getPwd(), {});
  child.stdout?.on("data", (data: Buffer) => call.write(new RunPluginResponse().setStdout(data)));
}

/** A policy pack reads stack and configuration from its environment, so it starts only when the engine has told them. */
async function launchPolicyPack(call: Call): Promise<void> {
  const { directory } = nodeOptions(call.request.getInfo());
  const args = [...call.request.getArgsList(), directory];
  const port = await serveAnalyzer(async (env) => {
    const child = start(call, "run-policy-pack", args, directory, env);
    return firstLine(child, (line) => call.write(new RunPluginResponse().setStdout(Buffer.from(`${line}\n`))));
  });
  call.write(new RunPluginResponse().setStdout(Buffer.from(`${port}\n`)));
}

function start(call: Call, command: string, args: readonly string[], cwd: string, env: Environment): ChildProcess {
  const options = nodeOptions(call.request.getInfo());
  const given = call.request
    .getEnvList()
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
  const child = startChild([...options.nodeArgs, sdkFile(`cmd/${command}`, options.directory), ...args], {
    cwd,
    env: { ...options.env, ...Object.fromEntries(given), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stderr?.on("data", (data: Buffer) => call.write(new RunPluginResponse().setStderr(data)));
  child.once("error", (error) => call.emit("error", serviceError(error)));
  child.once("close", (code: number | null) => {
    call.write(new RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  call.on("cancelled", () => child.kill("SIGTERM"));
  return child;
}

/** The port that a policy pack prints first; what it prints later goes to `onLine`. */
async function firstLine(child: ChildProcess, onLine: (line: string) => void): Promise<number> {
  if (!child.stdout) throw new Error("the policy pack has no standard output");
  const lines = createInterface({ input: child.stdout });
  const exited = once(child, "exit").then(([code]) => {
    throw new Error(`the policy pack ended with exit code ${String(code)} before it served`);
  });
  const [line] = (await Promise.race([once(lines, "line"), exited])) as [string];
  exited.catch(() => undefined); // how it ends later is told by its exit code
  lines.on("line", onLine);
  return Number(line);
}
