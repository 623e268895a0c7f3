import type { StackConfig } from "../../infra/config/stackConfig";
import { describeError } from "../errors";
import { Asked } from "../plan/asked";
import { isRotatable } from "../plan/found";
import { takersOf, takerTitle, undeclared } from "../plan/takers";
import type { Ports } from "../ports";

/** What the cluster says takes a secret, beside its declared consumers. */
export interface StrayTakers {
  readonly secret: string;
  /** E.g. `Deployment shop/worker (env)`. */
  readonly undeclared: readonly string[];
  /** What could not be asked; never claimed to be none. */
  readonly unknown: readonly string[];
}

/** Asks it of every secret that can be rotated. Of a cluster that is not reached all is unknown. */
export async function strayTakers(config: StackConfig, ports: Pick<Ports, "kubernetes">): Promise<StrayTakers[]> {
  const asked = new Asked();
  return Promise.all(
    config.secrets.filter(isRotatable).map(async (secret) => {
      try {
        const found = await takersOf(secret, ports, asked);
        return { secret: secret.name, undeclared: undeclared(found).map(takerTitle), unknown: found.unknown };
      } catch (error) {
        return { secret: secret.name, undeclared: [], unknown: [describeError(error)] };
      }
    }),
  );
}

/** As lines beneath a table; what several secrets have in common is told once. */
export function strayText(found: readonly StrayTakers[]): string[] {
  const stray = found
    .filter(({ undeclared }) => undeclared.length > 0)
    .map(({ secret, undeclared }) => `${secret}: taken by ${undeclared.join(", ")} too, without being declared`);
  const unknown = [...new Set(found.flatMap(({ unknown }) => unknown))];
  return [...stray, ...(unknown.length > 0 ? [`unknown: what else takes the secrets (${unknown.join("; ")})`] : [])];
}
