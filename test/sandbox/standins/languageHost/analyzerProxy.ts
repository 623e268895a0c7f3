import { connect, createServer, type Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient, AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import {
  AnalyzerHandshakeResponse,
  type AnalyzerStackConfigureRequest,
  AnalyzerStackConfigureResponse,
} from "@pulumi/pulumi/proto/analyzer_pb";
import { listen, unary } from "../provider/server";

export type Environment = Readonly<Record<string, string>>;

/**
 * Serves as the analyzer until the engine has told which stack it is about, then starts the policy pack for that stack and
 * stands aside: the engine connects again, and what it says is handed on byte for byte. (It calls the pack twice for each
 * resource; a proxy that understood the calls would cost more than the pack.) Returns the port.
 * @param start starts the policy pack with this environment and returns its port
 */
export async function serveAnalyzer(start: (env: Environment) => Promise<number>): Promise<number> {
  const introduction = new grpc.Server();
  introduction.addService(AnalyzerService, {
    handshake: unary(() => new AnalyzerHandshakeResponse()),
    configureStack: unary(async (request: AnalyzerStackConfigureRequest) => {
      target = await start(stackEnv(request));
      await configureStack(target, request);
      // Ends the connection as soon as this call is answered; one that comes after it goes to the pack.
      introduction.tryShutdown(() => undefined);
      return new AnalyzerStackConfigureResponse();
    }),
  });
  let target = await listen(introduction);
  return new Promise((resolve, reject) => {
    const server = createServer((engine) => join(engine, connect(target, "127.0.0.1")));
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
}

function join(one: Socket, other: Socket): void {
  for (const socket of [one, other]) socket.setNoDelay(true);
  one.pipe(other).pipe(one);
  one.on("error", () => other.destroy());
  other.on("error", () => one.destroy());
}

function stackEnv(stack: AnalyzerStackConfigureRequest): Environment {
  return {
    PULUMI_NODEJS_ORGANIZATION: stack.getOrganization(),
    PULUMI_NODEJS_PROJECT: stack.getProject(),
    PULUMI_NODEJS_STACK: stack.getStack(),
    PULUMI_NODEJS_DRY_RUN: String(stack.getDryRun()),
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(stack.getConfigMap().entries())),
  };
}

async function configureStack(port: number, stack: AnalyzerStackConfigureRequest): Promise<void> {
  const pack = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  await new Promise<void>((resolve, reject) => {
    pack.configureStack(stack, (error) => {
      // A pack of an older SDK knows its stack from the environment alone.
      if (error && error.code !== grpc.status.UNIMPLEMENTED) reject(error);
      else resolve();
    });
  });
  pack.close();
}
