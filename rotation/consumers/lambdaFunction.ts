import { createHash } from "node:crypto";
import { z } from "zod";
import type { AwsState, DrivenAwsKind, Marks } from "./awsKind";
import type { LambdaAlias, LambdaConfiguration, Variables } from "./awsPorts";
import type { HeldBack } from "./kubernetesKind";

const fields = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, "must be the name of a function: at most 64 letters, digits, - and _"),
  alias: z
    .string()
    .regex(/^(?![0-9]+$)[a-zA-Z0-9_-]{1,128}$/, "must be the name of an alias: letters, digits, - and _, and no number")
    .optional()
    .describe("moved to a version that is published with the marker; without it $LATEST is what is called"),
});
type Fields = z.output<typeof fields>;

/**
 * A function of Lambda: a variable that says the version makes new execution environments, which read the secret when they begin. With an
 * alias, a version is published with it, and the alias moved. The variable is the mark, so that nothing is done twice.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export const lambdaFunction: DrivenAwsKind = {
  kind: "LambdaFunction",
  about:
    "Lambda: a variable that says the version makes new execution environments; an alias is moved to a version published with it",
  fields,
  id: ({ name, alias }: Fields) => (alias === undefined ? name : `${name}/${alias}`),
  grants({ name, alias }: Fields, arn) {
    const own = `${arn("lambda")}:function:${name}`;
    const update = ["GetFunctionConfiguration", "UpdateFunctionConfiguration"].map((action) => `lambda:${action}`);
    if (alias === undefined) return [{ actions: update, resources: [own] }];
    const publish = ["GetAlias", "PublishVersion", "UpdateAlias"].map((action) => `lambda:${action}`);
    return [{ actions: [...update, ...publish], resources: [own, `${own}:*`] }];
  },
  async look({ name, alias }: Fields, { lambda }, marks): Promise<AwsState | undefined> {
    const latest = await lambda.configuration(name);
    if (!latest) return undefined;
    const pointer = alias === undefined ? undefined : await lambda.alias(name, alias);
    const serving = pointer ? await lambda.configuration(name, pointer.version) : latest;
    const { timeoutSeconds: drainSeconds } = serving ?? latest;
    const broken = latest.lastUpdate === "Failed" ? latest : undefined;
    const isBegun = serving !== undefined && hasMarks(serving, marks) && serving !== broken;
    const isBusy = latest.lastUpdate === "InProgress" || latest.state === "Pending";
    return {
      heldBack: heldBack({ alias, pointer, latest, serving }),
      isBegun,
      waitsFor: isBusy ? `its update is in progress${latest.reason === "" ? "" : ` (${latest.reason})`}` : undefined,
      failed: broken && `its last update has failed${broken.reason === "" ? "" : ` (${broken.reason})`}`,
      drainSeconds,
      ...(isBegun && { begunAt: serving.modifiedAt }),
    };
  },
  async restart({ name, alias }: Fields, { lambda }, marks) {
    const latest = await lambda.configuration(name);
    if (!latest?.variables) return;
    if (!hasMarks(latest, marks) || latest.lastUpdate === "Failed") {
      await lambda.setVariables(name, { ...latest.variables, ...variablesOf(marks) }, latest.revisionId);
      return;
    }
    if (alias === undefined) return;
    const pointer = await lambda.alias(name, alias);
    const version = await lambda.publish(name, latest.codeSha256);
    const { state } = (await lambda.configuration(name, version)) ?? {};
    // One that is made ready still is looked at again.
    if (state === "Active" || state === "Inactive") await lambda.moveAlias(name, alias, version, pointer?.revisionId);
  },
};

const prefix = "SECRET_ROTATION_";

/** The variables that marks are: names are letters, digits and _, so that a hash tells apart what looks alike then. */
function variablesOf(marks: Marks): Variables {
  const named = [...marks].map(([mark, version]) => {
    const hash = createHash("sha256").update(mark).digest("hex").slice(0, 8);
    const words = mark.replace(/\.secret-rotation\//, "_").replace(/[^a-zA-Z0-9]+/g, "_");
    return [`${prefix}${words}_${hash}`.toUpperCase(), version] as const;
  });
  return Object.fromEntries(named);
}

function hasMarks({ variables = {} }: LambdaConfiguration, marks: Marks): boolean {
  return Object.entries(variablesOf(marks)).every(([variable, version]) => variables[variable] === version);
}

/** What makes a version what it is, but for marks. */
function substance({ variables = {}, codeSha256, settings }: LambdaConfiguration): string {
  const own = Object.entries(variables).filter(([variable]) => !variable.startsWith(prefix));
  return JSON.stringify([codeSha256, settings, own.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

interface Seen {
  readonly alias: string | undefined;
  readonly pointer: LambdaAlias | undefined;
  readonly latest: LambdaConfiguration;
  readonly serving: LambdaConfiguration | undefined;
}

function heldBack({ alias, pointer, latest, serving }: Seen): HeldBack | undefined {
  if (!latest.variables || (serving && !serving.variables)) {
    const hint = "let whoever rotates decrypt by the function's KMS key (kms:Decrypt)";
    return { why: "has variables that may not be read, so that none can be added", hint };
  }
  if (alias === undefined) return undefined;
  if (!pointer || !serving) return { why: `has no alias ${alias}`, hint: "make it first, or correct the consumer" };
  if (pointer.isWeighted) {
    const hint = "finish that shift of traffic first, and run the same command again";
    return { why: `has an alias ${alias} that divides calls between two versions`, hint };
  }
  if (pointer.version !== "$LATEST" && substance(latest) !== substance(serving)) {
    const hint =
      "release that first, or put $LATEST back to what the alias serves; or let the pipeline that releases restart it";
    return {
      why: `has other code or settings in $LATEST than in version ${pointer.version}, which the alias ${alias} serves: publishing it would release them`,
      hint,
    };
  }
  return undefined;
}
