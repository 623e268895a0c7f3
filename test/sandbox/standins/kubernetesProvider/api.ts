import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type RequestOptions, request } from "node:https";
import { text } from "node:stream/consumers";
import type { KubeConfig } from "@kubernetes/client-node";
import type { PropertyMap } from "../provider/propertyValues";
import type { KubernetesObject } from "./objects";

/** An answer of the API server other than success. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal: AbortSignal;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubernetesObject;
}

/** Objects as they are on the wire: the typed clients would convert dates and drop what they do not know. */
export class KubernetesApi {
  private readonly discovered = new Map<string, Promise<PropertyMap>>();

  constructor(private readonly kubeConfig: () => Promise<KubeConfig>) {}

  async send(call: ApiRequest): Promise<KubernetesObject> {
    const response = await this.open(call);
    const body = await text(response);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return JSON.parse(body) as KubernetesObject;
    throw apiError(status, body);
  }

  /** Calls back for every event until the signal ends it or the server closes the stream. */
  async watch(call: Omit<ApiRequest, "method">, onEvent: (event: WatchEvent) => void): Promise<void> {
    const response = await this.open({ ...call, method: "GET", query: { ...call.query, watch: "true" } });
    if (response.statusCode !== 200) throw apiError(response.statusCode ?? 0, await text(response));
    let rest = "";
    for await (const chunk of response.setEncoding("utf8")) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onEvent(JSON.parse(line) as WatchEvent);
    }
  }

  /** What a group and version offers; kept, as it hardly ever changes. */
  discover(path: string, signal: AbortSignal): Promise<PropertyMap> {
    const known = this.discovered.get(path);
    if (known) return known;
    const asked = this.send({ method: "GET", path, signal });
    this.discovered.set(path, asked);
    asked.catch(() => this.discovered.delete(path));
    return asked;
  }

  forgetDiscovered(): void {
    this.discovered.clear();
  }

  private async open({ method, path, query = {}, body, contentType, signal }: ApiRequest): Promise<IncomingMessage> {
    const kubeConfig = await this.kubeConfig();
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster) throw new Error("no Kubernetes cluster: set KUBECONFIG, or `kubeconfig` of the provider");
    const url = new URL(cluster.server.replace(/\/$/, "") + path);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = { method, signal };
    await kubeConfig.applyToHTTPSOptions(options);
    const headers = {
      accept: "application/json",
      ...(payload === undefined ? {} : { "content-type": contentType ?? "application/json" }),
    };
    const sent = request(url, { ...options, headers: { ...options.headers, ...headers } });
    sent.end(payload);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return response;
  }
}

function apiError(status: number, body: string): ApiError {
  try {
    const { reason = "", message = body } = JSON.parse(body) as { reason?: string; message?: string };
    return new ApiError(status, reason, message);
  } catch {
    return new ApiError(status, "", body || `HTTP status ${status}`);
  }
}
