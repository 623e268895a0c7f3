import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseSecret } from "../../infra/config/parseSecret";
import type { Problem } from "../../infra/config/problem";
import type { Rotator, Strategy } from "../../infra/config/rotator";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { consumerKinds } from "../consumers";
import { definitionOf } from "../rotators/defineRotator";
import { loadRotator } from "../rotators/own/loadRotator";
import type { OwnKind } from "../rotators/own/ownKind";
import { ownRotators } from "../rotators/own/ownRotators";
import type { RotatorSteps } from "../rotators/own/steps";
import type { Described, Order } from "./messages";
import { Broken } from "./verdict";

export interface Loaded {
  readonly rotator: Rotator;
  readonly own: OwnKind | undefined;
  /** Its steps are taken by a program or an endpoint. */
  readonly isDeclared: boolean;
  readonly parameters: unknown;
  /** Undefined: its parameters, or the strategy that was asked for, are wrong. */
  readonly secret: SecretDeclaration | undefined;
  readonly described: Described;
}

/**
 * The rotator of a module, or of a declaration, and a secret of its kind.
 *
 * @throws {Broken} with all that is wrong with it
 */
export function loaded({ file, parameters, strategy: asked }: Pick<Order, "file" | "parameters" | "strategy">): Loaded {
  const isDeclared = isDeclaration(file);
  const rotator = isDeclared ? declaredIn(file) : sound(loadRotator(resolve(file), { at: "rotator" }));
  const { kind } = rotator;
  const rotated = Object.keys(rotator.strategies).filter((name) => "steps" in (rotator.strategies[name] as Strategy));
  const strategy = asked ?? rotated[0];
  const declared = {
    ...{ name: `test-rotator/${kind}`, kind, strategy },
    externalSecret: { target: "test-rotator", keys: [{ key: "value" }], namespaces: ["test-rotator"] },
    ...(parameters !== undefined && { [kind]: parameters }),
  };
  const { secret, problems } = parseSecret(declared, { rotators: new Map([[kind, rotator]]), consumerKinds }, "secret");
  const described: Described = {
    ...{ kind, strategy: strategy ?? "" },
    secret: `test/${declared.name}`,
    reads: (secret && rotator.reads?.(secret)) ?? [],
    problems: problems.map(({ path, message }) => `${path.replace(/^secret\./, "")}: ${message}`),
  };
  return { rotator, own: ownKindOf(rotator), isDeclared, parameters, secret, described };
}

/** Whether a file declares the program or the endpoint that takes a rotator's steps, as a stack's configuration does. */
export function isDeclaration(file: string): boolean {
  return /\.(ya?ml|json)$/.test(file);
}

function declaredIn(file: string): Rotator {
  const { load } = require("js-yaml") as typeof import("js-yaml");
  const { rotators, problems } = ownRotators(load(readFileSync(file, "utf8")), {
    folder: process.cwd(),
    builtIn: new Map(),
  });
  const [rotator, ...others] = rotators.values();
  if (others.length > 0) throw new Broken("it declares several rotators: name one in a file");
  return sound({ rotator, problems });
}

function sound({ rotator, problems }: { rotator: Rotator | undefined; problems: readonly Problem[] }): Rotator {
  if (rotator && problems.length === 0) return rotator;
  throw new Broken(problems.map(({ path, message }) => `${path}: ${message}`).join("\n") || "it declares no rotator");
}

/** The older credential need not wait before it is revoked. */
function ownKindOf(rotator: Rotator): OwnKind | undefined {
  const definition = definitionOf(rotator);
  if (!definition || "strategies" in definition) return undefined;
  const { overlap, properties, steps } = definition;
  return { overlap, properties, steps: steps as RotatorSteps, gracePeriod: () => 0, unusedFor: () => 0 };
}
