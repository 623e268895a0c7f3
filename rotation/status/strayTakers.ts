import type { ConsumerDeclaration, SecretDeclaration } from "../../infra/config/secretSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { workloadTitle } from "../../infra/names";
import { describeError } from "../errors";
import { Asked } from "../plan/asked";
import { isDriven } from "../plan/found";
import { type FoundTakers, takersOf, takerTitle, undeclared } from "../plan/takers";
import type { Ports } from "../ports";
import { knowsReloader, reloads } from "../reloader/recognise";

/** What the cluster says takes a secret, beside its declared consumers, and who restarts these. */
export interface StrayTakers {
  readonly secret: string;
  /** E.g. `Deployment shop/worker (env)`. */
  readonly undeclared: readonly string[];
  /** Declared consumers that Reloader restarts, e.g. `Deployment shop/checkout`. */
  readonly byReloader: readonly string[];
  /** What could not be asked; never claimed to be none. */
  readonly unknown: readonly string[];
}

/** Asks it of every secret that a run brings to its consumers. Of a cluster that is not reached all is unknown. */
export async function strayTakers(config: StackConfig, ports: Pick<Ports, "kubernetes">): Promise<StrayTakers[]> {
  const asked = new Asked();
  return Promise.all(
    config.secrets
      .filter(isDriven(config))
      .filter(({ externalSecret }) => externalSecret)
      .map(async (secret) => {
        try {
          const found = await takersOf(secret, ports, asked);
          const byReloader = await restartedByReloader(secret, found, ports, asked);
          return {
            secret: secret.name,
            undeclared: undeclared(found).map(takerTitle),
            byReloader,
            unknown: found.unknown,
          };
        } catch (error) {
          return { secret: secret.name, undeclared: [], byReloader: [], unknown: [describeError(error)] };
        }
      }),
  );
}

async function restartedByReloader(
  { externalSecret, consumers }: SecretDeclaration,
  { takers }: FoundTakers,
  { kubernetes }: Pick<Ports, "kubernetes">,
  asked: Asked,
): Promise<string[]> {
  const name = externalSecret?.target ?? "";
  const isReloaded = async (consumer: ConsumerDeclaration): Promise<boolean> => {
    if (consumer.restart !== undefined) return consumer.restart === "reloader";
    const view = takers.find((taker) => taker.consumer === consumer)?.reloader;
    if (!view || !knowsReloader(view)) return false;
    const { namespace } = consumer;
    // Who may not read it still sees what the workload says.
    const held = await asked
      .once(`${namespace}/${name}`, () => kubernetes.secret(namespace, name))
      .catch(() => undefined);
    const seen = reloads(view, { name, annotations: held?.annotations ?? {} });
    return seen !== undefined && "because" in seen;
  };
  const found = await Promise.all(consumers.map(async (one) => ((await isReloaded(one)) ? [workloadTitle(one)] : [])));
  return found.flat();
}

/** As lines beneath a table; what several secrets have in common is told once. */
export function strayText(found: readonly StrayTakers[]): string[] {
  const stray = found
    .filter(({ undeclared }) => undeclared.length > 0)
    .map(({ secret, undeclared }) => `${secret}: taken by ${undeclared.join(", ")} too, without being declared`);
  const reloaded = found
    .filter(({ byReloader }) => byReloader.length > 0)
    .map(({ secret, byReloader }) => `${secret}: Reloader restarts ${byReloader.join(", ")}`);
  const unknown = [...new Set(found.flatMap(({ unknown }) => unknown))];
  return [
    ...stray,
    ...reloaded,
    ...(unknown.length > 0 ? [`unknown: what else takes the secrets (${unknown.join("; ")})`] : []),
  ];
}
