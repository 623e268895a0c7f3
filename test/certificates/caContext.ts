import type { Ports } from "../../rotation/ports";
import { tls } from "../../rotation/ports/tls";
import type { StrategyContext } from "../../rotation/rotators/protocol";
import { context, ports } from "../rotation/context";

const described = { arn: "", createdAt: undefined, tags: {}, deletedAt: undefined, stages: { v: ["AWSCURRENT"] } };

/** The context of a certificate whose steps read secrets from here. @param secrets  by full name; undefined: there is none */
export function certificateContext(
  secrets: Readonly<Record<string, string | undefined>>,
  certificate: object,
  some: Partial<Ports> = {},
): StrategyContext {
  const keys = [
    { key: "tls.crt", property: "certificate" },
    { key: "tls.key", property: "privateKey" },
    { key: "ca.crt", property: "ca" },
  ];
  const secretsManager = {
    ...ports().secretsManager,
    describe: async (name: string) => (secrets[name] === undefined ? undefined : described),
    value: async (name: string) => secrets[name],
  };
  const externalSecret = { target: "web-tls", type: "kubernetes.io/tls", keys };
  const declared = { kind: "certificate", externalSecret, certificate };
  return context(declared, { secretsManager, clock: { now: () => new Date() }, tls, ...some });
}

/** One by an internal CA whose secret holds this. */
export function caContext(caSecret: string | undefined, certificate: object = {}): StrategyContext {
  const byDefault = { names: ["web.shop.test", "*.shop.test", "10.1.2.3"], ca: { secret: "pki/ca" } };
  return certificateContext({ "pki/ca": caSecret }, { ...byDefault, ...certificate });
}
