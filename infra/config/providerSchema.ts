import { z } from "zod";
import { type Problem, problemsOf } from "./problem";

/** By service as the aws provider names it, e.g. `secretsmanager`. */
export type Endpoints = Readonly<Record<string, string>>;

/** What Pulumi's providers read from the stack's configuration, and the driver too: both talk to the same account and cluster. */
export interface ProviderSettings {
  readonly region: string;
  /** `aws:endpoints`: URLs by service, e.g. of VPC endpoints. */
  readonly endpoints: Endpoints;
  /** `aws:profile`. */
  readonly profile: string | undefined;
  /** `aws:allowedAccountIds`. */
  readonly allowedAccountIds: readonly string[] | undefined;
  /** `aws:forbiddenAccountIds`. */
  readonly forbiddenAccountIds: readonly string[] | undefined;
  /** `kubernetes:kubeconfig`: a path, or the content. */
  readonly kubeconfig: string | undefined;
  /** `kubernetes:context`. */
  readonly context: string | undefined;
}

const role = "is not known to the driver: name a profile with role_arn by aws:profile, or let CI take the role by OIDC";
const key = "is not known to the driver: put it into the environment, or into a profile that aws:profile names";
/** Settings that would lead the providers elsewhere than the driver, which cannot follow. */
const refused: Readonly<Record<string, string>> = {
  "aws:accessKey": key,
  "aws:secretKey": key,
  "aws:token": key,
  "aws:assumeRole": role,
  "aws:assumeRoles": role,
  "aws:assumeRoleWithWebIdentity": role,
  "aws:sharedConfigFiles": "is not known to the driver: set AWS_CONFIG_FILE",
  "aws:sharedCredentialsFiles": "is not known to the driver: set AWS_SHARED_CREDENTIALS_FILE",
  "kubernetes:cluster": "is not known to the driver: name a context of this cluster by kubernetes:context",
  "kubernetes:renderYamlToDirectory": "cannot go with rotations: nothing would reach the cluster",
};

const text = z.string("must be text in the clear").min(1, "must not be empty").optional();
const regionNeeded = "is needed: e.g. eu-west-1";
const accountIds = z
  .array(
    z.coerce.string().regex(/^\d{12}$/, 'must be the 12 digits of an account, in quotes: "123456789012"'),
    "must be a list in the clear",
  )
  .optional();
const schemas = {
  "aws:region": z
    .string({ error: ({ input }) => (input === undefined ? regionNeeded : "must be text in the clear") })
    .min(1, regionNeeded),
  // A list, as the aws provider has it.
  "aws:endpoints": z
    .array(
      z.record(z.string(), z.url("must be a URL, e.g. https://vpce-0a1b.secretsmanager.eu-west-1.vpce.amazonaws.com")),
      "must be a list in the clear",
    )
    .default([])
    .transform((list): Endpoints => Object.assign({}, ...list)),
  "aws:profile": text,
  "aws:allowedAccountIds": accountIds,
  "aws:forbiddenAccountIds": accountIds,
  "kubernetes:kubeconfig": z.preprocess(
    // Content in JSON arrives parsed; what is encrypted is left as it is, and refused.
    (value) => (typeof value === "object" && value !== null && "clusters" in value ? JSON.stringify(value) : value),
    z
      .string("must be a path in the clear: keep an encrypted one in a file, or in KUBECONFIG")
      // The provider would look for another one in the folder of the program's main file.
      .regex(/^(\/|~\/|\{)|\n/, "must be an absolute path, one in ~/, or a kubeconfig's content")
      .optional(),
  ),
  "kubernetes:context": text,
};

/** @param values  the configuration's values by their full key, objects parsed */
export function providerSettings(values: Readonly<Record<string, unknown>>): {
  settings: ProviderSettings;
  problems: Problem[];
} {
  const problems: Problem[] = Object.keys(refused).flatMap((path) =>
    values[path] === undefined ? [] : [{ path, message: refused[path] as string }],
  );
  const read = <K extends keyof typeof schemas>(key: K): z.output<(typeof schemas)[K]> => {
    const parsed = schemas[key].safeParse(values[key]);
    if (!parsed.success) problems.push(...problemsOf(parsed.error, key));
    return parsed.data as z.output<(typeof schemas)[K]>;
  };
  const settings = {
    region: read("aws:region"),
    endpoints: read("aws:endpoints"),
    profile: read("aws:profile"),
    allowedAccountIds: read("aws:allowedAccountIds"),
    forbiddenAccountIds: read("aws:forbiddenAccountIds"),
    kubeconfig: read("kubernetes:kubeconfig"),
    context: read("kubernetes:context"),
  };
  return { settings, problems };
}
