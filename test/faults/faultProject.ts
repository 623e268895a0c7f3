import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { RunResult, SecretResult } from "../../rotation/result";
import { createProject, type Project, region } from "../integration/project";
import { collect, rememberingRandom } from "./evidence";

/** A stack whose runs are kept as evidence, and what is live of its secrets, asked of AWS itself and not of a proxy. */
export interface FaultProject extends Project {
  live(name: string): Promise<Live>;
}

export interface Live {
  readonly current: string | undefined;
  readonly previous: string | undefined;
  readonly pending: string | undefined;
  /** How many versions carry AWSCURRENT. */
  readonly currents: number;
  readonly rotatedVersion: string | undefined;
  value(versionId: string | undefined): Promise<string | undefined>;
}

export async function faultProject(stack: string, settings: object = {}): Promise<FaultProject> {
  const project = await createProject(stack, settings);
  const manager = realPorts({ region }).secretsManager;
  return {
    ...project,
    async rotate(names, options) {
      const run = await project.rotate(names, { ...options, ports: { random: rememberingRandom, ...options?.ports } });
      collect(`the result of a run of ${stack}`, run);
      return run;
    },
    async live(name) {
      const fullName = `${stack}/${name}`;
      const found = await manager.describe(fullName);
      if (!found) throw new Error(`${fullName} is not in Secrets Manager`);
      const [current, previous, pending] = ["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"].map((s) =>
        versionWith(s, found),
      );
      return {
        ...{ current, previous, pending },
        currents: Object.values(found.stages).filter((stages) => stages.includes("AWSCURRENT")).length,
        rotatedVersion: found.tags["rotated-version"],
        value: async (id) => (id === undefined ? undefined : manager.value(fullName, id)),
      };
    },
  };
}

/** The result of one secret of a run. */
export function resultOf({ secrets }: RunResult, name: string): SecretResult {
  const found = secrets.find(({ secret }) => secret === name);
  if (!found) throw new Error(`the run has no ${name}`);
  return found;
}
