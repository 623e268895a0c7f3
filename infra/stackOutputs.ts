import * as pulumi from "@pulumi/pulumi";

/** What the stack's output `secrets` says of one secret; never a value. */
export interface SecretOutput {
  readonly arn: pulumi.Input<string>;
  /** The counter of written versions; missing before the first rotation. */
  readonly version?: pulumi.Input<number | undefined>;
  readonly versionId?: pulumi.Input<string>;
}

/** The names of the secrets of which the stack has a version, as its own last outputs say. */
export async function versionedSecrets(): Promise<ReadonlySet<string>> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const self = new pulumi.StackReference("self", { name });
  const { value } = await self.getOutputDetails("secrets");
  const secrets = (value ?? {}) as Record<string, { versionId?: string }>;
  return new Set(Object.keys(secrets).filter((secret) => secrets[secret]?.versionId !== undefined));
}
