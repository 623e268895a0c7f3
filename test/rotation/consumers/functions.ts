import type { LambdaConfiguration, LambdaFunctions } from "../../../rotation/consumers/awsPorts";

export const configuration: LambdaConfiguration = {
  ...{ variables: { OWN: "stays" }, codeSha256: "a", settings: "{}", timeoutSeconds: 3, modifiedAt: new Date(0) },
  ...{ state: "Active", lastUpdate: "Successful", reason: "", revisionId: "1" },
};

/** A function with its versions, in memory: what moto does not do (an update under way, or one that fails) is set by hand. */
export class Functions implements LambdaFunctions {
  latest = configuration;
  readonly versions = new Map([["1", configuration]]);
  pointer = { version: "1", isWeighted: false, revisionId: "1" };
  readonly done: string[] = [];

  configuration = async (_: string, version?: string) =>
    version === undefined ? this.latest : this.versions.get(version);
  alias = async () => this.pointer;
  setVariables = async (_: string, variables: Readonly<Record<string, string>>) => {
    this.done.push("variables");
    this.latest = { ...this.latest, variables, modifiedAt: new Date() };
  };
  publish = async () => {
    this.done.push("publish");
    const version = String(this.versions.size + 1);
    this.versions.set(version, this.latest);
    return version;
  };
  moveAlias = async (_name: string, _alias: string, version: string) => {
    this.done.push("alias");
    this.pointer = { ...this.pointer, version };
  };
}
