import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient, AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import {
  AnalyzerHandshakeResponse,
  type AnalyzerStackConfigureRequest,
  AnalyzerStackConfigureResponse,
} from "@pulumi/pulumi/proto/analyzer_pb";
import { serviceError } from "../provider/protocol";
import { listen, messageLimits, unary } from "../provider/server";

export type Environment = Readonly<Record<string, string>>;

/** Forwards a call with its request to the policy pack. */
type Forward = (request: unknown, callback: grpc.sendUnaryData<unknown>) => void;

/**
 * Serves as the analyzer until the engine has told which stack it is about, then starts the policy pack for that stack and
 * hands everything on. Returns the port.
 * @param start starts the policy pack with this environment and returns its port
 */
export async function serveAnalyzer(start: (env: Environment) => Promise<number>): Promise<number> {
  let started: Promise<AnalyzerClient> | undefined;
  const client = (stack?: AnalyzerStackConfigureRequest) => (started ??= connect(start, stack));
  const server = new grpc.Server(messageLimits);
  const forwarded = Object.keys(AnalyzerService).map((method) => [
    method,
    (call: grpc.ServerUnaryCall<unknown, unknown>, callback: grpc.sendUnaryData<unknown>) => {
      client().then(
        (pack) => forwardOf(pack, method)(call.request, callback),
        (error: unknown) => callback(serviceError(error)),
      );
    },
  ]);
  server.addService(AnalyzerService, {
    ...Object.fromEntries(forwarded),
    handshake: unary(() => new AnalyzerHandshakeResponse()),
    configureStack: unary(async (request: AnalyzerStackConfigureRequest) => {
      await client(request);
      return new AnalyzerStackConfigureResponse();
    }),
  });
  return listen(server);
}

function forwardOf(pack: AnalyzerClient, method: string): Forward {
  const call = (pack as unknown as Readonly<Record<string, Forward>>)[method];
  if (!call) throw new Error(`the policy pack has no method ${method}`);
  return call.bind(pack);
}

async function connect(
  start: (env: Environment) => Promise<number>,
  stack: AnalyzerStackConfigureRequest | undefined,
): Promise<AnalyzerClient> {
  const port = await start(stack ? stackEnv(stack) : {});
  const pack = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), messageLimits);
  if (stack) await configureStack(pack, stack);
  return pack;
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

function configureStack(pack: AnalyzerClient, stack: AnalyzerStackConfigureRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    pack.configureStack(stack, (error) => {
      // A pack of an older SDK knows its stack from the environment alone.
      if (error && error.code !== grpc.status.UNIMPLEMENTED) reject(error);
      else resolve();
    });
  });
}
