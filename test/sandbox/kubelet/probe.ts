import { get } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { V1Container, V1Probe } from "@kubernetes/client-node";
import { unsupported } from "./podError";

// Until a container has been ready once it is probed this often, whatever its period: a rollout need not wait for a period.
const startupPeriodMs = 100;

function portNumber(port: number | string | object, container: V1Container): number {
  if (typeof port === "number") return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  return named ?? Number(port);
}

function httpProbe(url: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      resolve(statusCode >= 200 && statusCode < 400);
    });
    call.once("timeout", () => call.destroy()).once("error", () => resolve(false));
  });
}

function tcpProbe(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false)).once("error", () => end(false));
  });
}

/** One look at a container. @throws NotStartable for kinds of probe that are not supported */
export function createProbe(probe: V1Probe, container: V1Container, podIp: string): () => Promise<boolean> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  const { httpGet, tcpSocket } = probe;
  if (tcpSocket) return () => tcpProbe(tcpSocket.host ?? podIp, portNumber(tcpSocket.port, container), timeoutMs);
  if (!httpGet || httpGet.scheme === "HTTPS") throw unsupported("readiness probes other than HTTP and TCP");
  const url = `http://${httpGet.host ?? podIp}:${portNumber(httpGet.port, container)}${httpGet.path ?? "/"}`;
  return () => httpProbe(url, timeoutMs);
}

/** Probes a container until `signal` is aborted and tells every change of its readiness. */
export async function watchReadiness(
  probe: V1Probe,
  look: () => Promise<boolean>,
  onChange: (ready: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const { periodSeconds = 10, failureThreshold = 3, successThreshold = 1, initialDelaySeconds = 0 } = probe;
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined);
  let ready = false;
  let hasBeenReady = false;
  let contrary = 0; // how many looks in a row said the contrary of `ready`
  await pause(initialDelaySeconds * 1000);
  while (!signal.aborted) {
    const healthy = await look();
    if (signal.aborted) return;
    contrary = healthy === ready ? 0 : contrary + 1;
    if (contrary >= (ready ? failureThreshold : successThreshold)) {
      ready = healthy;
      hasBeenReady ||= ready;
      contrary = 0;
      onChange(ready);
    }
    await pause(hasBeenReady ? periodSeconds * 1000 : startupPeriodMs);
  }
}
