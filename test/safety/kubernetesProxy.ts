import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type ActiveFault, FaultRules } from "../faults/faultRules";
import type { When } from "./points";

/** A request that changes an object. */
export interface Change {
  readonly method: string;
  readonly path: string;
}

export interface KubernetesProxy {
  readonly endpoint: string;
  /** Holds the requests that match, before they go out or when they were answered, until the fault ends. */
  hold(matches: (change: Change) => boolean, when: When): ActiveFault;
  /** Ends every hold. What is held before it went out goes out then, unless its client has gone. */
  heal(): void;
  stop(): Promise<void>;
}

/** The server's own certificate and key: who trusts the server trusts a proxy that shows the same. */
export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A server in front of a Kubernetes API server. Watches pass as they come. */
export async function kubernetesProxy(target: string, tls: Tls): Promise<KubernetesProxy> {
  const rules = new FaultRules<Change, When>();
  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { method = "", url: path = "", headers } = incoming;
    const body = await buffer(incoming);
    const met = rules.meet({ method, path });
    if (met?.fault === "before") {
      met.reached();
      await met.ended;
      if (response.destroyed) return;
    }
    const outgoing = request(new URL(path, target), { method, headers, ca: tls.cert });
    outgoing.end(body);
    const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
    if (met?.fault === "after") {
      met.reached();
      await met.ended;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers).once("close", () => answer.destroy());
    answer.on("error", () => response.destroy()).pipe(response);
  };
  const server = createServer(tls, (incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (matches, when) => rules.add(matches, when, Number.POSITIVE_INFINITY),
    heal: () => rules.endAll(),
    async stop() {
      rules.endAll();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
