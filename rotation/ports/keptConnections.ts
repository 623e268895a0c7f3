import { isDeepStrictEqual } from "node:util";
import type { KubeConfig } from "@kubernetes/client-node";

/** What makes a way to the API server, of the library's own. */
interface Dispatching {
  createDispatcher(cluster: unknown, options: unknown): unknown;
}

/**
 * The same configuration, whose clients keep their connections: the library makes one for each request, and TLS takes
 * longer than most answers. A certificate that was renewed meanwhile gets a new one.
 */
export function keptConnections(config: KubeConfig): KubeConfig {
  const own = config as unknown as Dispatching;
  const create = own.createDispatcher.bind(config);
  let kept: { readonly cluster: unknown; readonly options: unknown; readonly dispatcher: unknown } | undefined;
  own.createDispatcher = (cluster, options) => {
    if (kept === undefined || kept.cluster !== cluster || !isDeepStrictEqual(kept.options, options)) {
      kept = { cluster, options, dispatcher: create(cluster, options) };
    }
    return kept.dispatcher;
  };
  return config;
}
