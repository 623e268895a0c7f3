import * as pulumi from "@pulumi/pulumi";

/** What the stack's output `secrets` says of one secret; never a value. */
export interface SecretOutput {
  readonly arn: pulumi.Input<string>;
  /** The counter of written versions; missing before the first rotation. */
  readonly version?: pulumi.Input<number | undefined>;
  readonly versionId?: pulumi.Input<string>;
}

export interface StackOutputs {
  readonly secrets: Readonly<Record<string, SecretOutput>>;
  /** The workloads that a rotation restarts by a patch of theirs. */
  readonly workloads: readonly string[];
}

/** What the stack has got by rotations so far: leaving it out of the program would be a deletion, adding it a change. */
export interface Known {
  /** Names of the secrets with a SecretVersion. */
  readonly versioned: ReadonlySet<string>;
  /** Names of the workloads with a patch. */
  readonly workloads: ReadonlySet<string>;
}

/** Known from the stack's own last outputs, which a plain `pulumi up` has nothing better than. */
export async function knownFromOutputs(): Promise<Known> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const self = new pulumi.StackReference("self", { name });
  const [secrets, workloads] = await Promise.all([
    self.getOutputDetails("secrets"),
    self.getOutputDetails("workloads"),
  ]);
  const versions = (secrets.value ?? {}) as Record<string, { versionId?: string }>;
  return {
    versioned: new Set(Object.keys(versions).filter((secret) => versions[secret]?.versionId !== undefined)),
    workloads: new Set((workloads.value ?? []) as string[]),
  };
}
