import { namesValue, valuesIn } from "./helmValues";
import { at, isSet, type Plain } from "./plain";
import { types } from "./types";

/** A resource that can bring a value into the state. */
export interface Place {
  /** What it is called in a message. */
  readonly what: string;
  /** The properties in which a value stands. */
  readonly holds: (props: Plain, name: string) => readonly string[];
  /** What to use in its place. */
  readonly instead: string;
}

const set =
  (...properties: readonly string[]): Place["holds"] =>
  (props) =>
    properties.filter((property) => isSet(at(props, property)));

const kubernetesSecret: Place = {
  what: "Kubernetes Secret",
  holds: set("data", "stringData"),
  instead: "Let an ExternalSecret create it",
};
const rotated = "Declare a secret of kind app, whose value a rotation makes";
const helm = (what: string): Place => ({
  what,
  holds: (props) => valuesIn(at(props, "values"), "values"),
  instead: "Name a Kubernetes Secret there (existingSecret, or the chart's word for it)",
});

/** By type of the resource. */
export const places: Readonly<Record<string, Place>> = Object.freeze({
  [types.secretVersion]: {
    what: "SecretVersion",
    holds: set("secretString", "secretBinary"),
    instead: "Use secretStringWo, which is never read back",
  },
  [types.kubernetesSecret]: kubernetesSecret,
  [types.kubernetesSecretPatch]: kubernetesSecret,
  // What they make is an output, and so in the state whatever their inputs are.
  "random:index/randomPassword:RandomPassword": { what: "RandomPassword", holds: () => ["result"], instead: rotated },
  "random:index/randomBytes:RandomBytes": { what: "RandomBytes", holds: () => ["base64", "hex"], instead: rotated },
  // Most are parts of names.
  "random:index/randomString:RandomString": {
    what: "RandomString",
    holds: (_, name) => (namesValue(name) ? ["result"] : []),
    instead: rotated,
  },
  "aws:ssm/parameter:Parameter": {
    what: "SSM parameter",
    holds: (props) => (at(props, "type") === "SecureString" ? set("value", "insecureValue")(props, "") : []),
    instead: "Use valueWo, which is never read back",
  },
  "aws:rds/instance:Instance": {
    what: "RDS instance",
    holds: set("password"),
    instead: "Use manageMasterUserPassword, or passwordWo, which is never read back",
  },
  "aws:rds/cluster:Cluster": {
    what: "RDS cluster",
    holds: set("masterPassword"),
    instead: "Use manageMasterUserPassword, or masterPasswordWo, which is never read back",
  },
  "kubernetes:helm.sh/v3:Release": helm("Helm release"),
  "kubernetes:helm.sh/v3:Chart": helm("Helm chart"),
  "kubernetes:helm.sh/v4:Chart": helm("Helm chart"),
});
