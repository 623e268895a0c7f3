import type * as pulumi from "@pulumi/pulumi";

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
