import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Known } from "../../infra/known";
import { program } from "../../infra/program";
import { noRotation } from "../../infra/rotation";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";

export interface Registered {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it
  readonly inputs: Record<string, any>;
}

const account = "123456789012";

const nothing: Known = {
  versioned: new Set(),
  valued: new Set(),
  rotations: new Set(),
  externalSecrets: undefined,
  workloads: new Map(),
};

/**
 * Runs the program of a stack `prod`, with the values of its configuration without their prefix.
 *
 * @param known  what the stack has got, or that the program asks; default: nothing, it is new
 */
export async function provision(
  values: Readonly<Record<string, unknown>>,
  mocks: pulumi.runtime.Mocks,
  known: Known | "asked" = nothing,
): Promise<void> {
  await pulumi.runtime.setMocks(mocks, "secret-rotation", "prod", false, "organization");
  const own = Object.entries(values).map(([key, value]) => [`secret-rotation:${key}`, value]);
  const config = readStackConfig("prod", { "aws:region": "eu-west-1", ...Object.fromEntries(own) });
  await pulumi.runtime.runInPulumiStack(() =>
    program(config, { ...noRotation(""), known: known === "asked" ? undefined : known }),
  );
  await pulumi.runtime.disconnect();
}

/** What such a stack registers of AWS. @param known  what it has got beside nothing */
export async function registeredFor(
  values: Readonly<Record<string, unknown>>,
  known: Partial<Known> = {},
): Promise<Registered[]> {
  const registered: Registered[] = [];
  const mocks: pulumi.runtime.Mocks = {
    call: () => ({ accountId: account }),
    newResource: ({ type, name, inputs }) => {
      if (type.startsWith("aws:")) registered.push({ type, name, inputs });
      const [, service = ""] = /^aws:(\w+)/.exec(type) ?? [];
      return { id: `${name}-id`, state: { ...inputs, arn: `arn:aws:${service}:eu-west-1:${account}:${name}` } };
    },
  };
  await provision(values, mocks, { ...nothing, ...known });
  return registered;
}

/** The one of this type and name. */
export function oneOf(registered: readonly Registered[], type: string, name?: string): Registered["inputs"] {
  const found = registered.filter((r) => r.type.endsWith(`:${type}`) && (name === undefined || r.name === name));
  assert.equal(found.length, 1, `${found.length} of ${type} ${name ?? ""}`);
  return found[0]?.inputs ?? {};
}
