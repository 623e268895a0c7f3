import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parseStackConfig } from "../../infra/config/stackConfig";
import { program } from "../../infra/program";
import { noRotation } from "../../infra/rotation";

export interface Registered {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it
  readonly inputs: Record<string, any>;
}

const account = "123456789012";

/** Runs the program of a new stack `prod`, with the values of its configuration without their prefix. */
export async function provision(values: Readonly<Record<string, unknown>>, mocks: pulumi.runtime.Mocks): Promise<void> {
  await pulumi.runtime.setMocks(mocks, "secret-rotation", "prod");
  const own = Object.entries(values).map(([key, value]) => [`secret-rotation:${key}`, value]);
  const config = parseStackConfig("prod", { "aws:region": "eu-west-1", ...Object.fromEntries(own) });
  const known = {
    versioned: new Set<string>(),
    valued: new Set<string>(),
    externalSecrets: undefined,
    workloads: new Map(),
  };
  await pulumi.runtime.runInPulumiStack(() => program(config, { ...noRotation(""), known }));
  await pulumi.runtime.disconnect();
}

/** What such a stack registers of AWS. */
export async function registeredFor(values: Readonly<Record<string, unknown>>): Promise<Registered[]> {
  const registered: Registered[] = [];
  await provision(values, {
    call: () => ({ accountId: account }),
    newResource: ({ type, name, inputs }) => {
      if (type.startsWith("aws:")) registered.push({ type, name, inputs });
      const [, service = ""] = /^aws:(\w+)/.exec(type) ?? [];
      return { id: `${name}-id`, state: { ...inputs, arn: `arn:aws:${service}:eu-west-1:${account}:${name}` } };
    },
  });
  return registered;
}

/** The one of this type and name. */
export function oneOf(registered: readonly Registered[], type: string, name?: string): Registered["inputs"] {
  const found = registered.filter((r) => r.type.endsWith(`:${type}`) && (name === undefined || r.name === name));
  assert.equal(found.length, 1, `${found.length} of ${type} ${name ?? ""}`);
  return found[0]?.inputs ?? {};
}
