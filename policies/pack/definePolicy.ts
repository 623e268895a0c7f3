import type {
  EnforcementLevel,
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
} from "@pulumi/policy";
import type { JsonSchemas } from "../rules/configSchema";
import { defaultLevel, type Level } from "../rules/environments";
import { checkWaivers, isDisabled, isExcepted, type WaiverConfig } from "../rules/exceptions";
import { checkRotatingNow, type RotatingConfig } from "../rules/rotatingNow";
import type { Checked, Run, Violation } from "../rules/secret";
import { oncePerObject } from "./once";
import { type Plain, plain } from "./plain";
import { type StackContext, stackContext } from "./stackContext";
import { types } from "./types";

/** A resource of the stack as plain data. */
export interface Resource {
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  readonly props: Plain;
  /** Configuration of its provider, e.g. the region. */
  readonly provider: Plain;
}

/** The run of the engine that is judged, and the policy's configuration, defaults filled in. */
export interface PolicyRun<Config> extends Run {
  readonly config: Config;
}

/** One policy. It reports nothing itself: it returns what it found, and {@link definePolicy} does what all share. */
export interface PolicyDefinition<Config> {
  readonly name: string;
  readonly description: string;
  readonly enforcementLevel: EnforcementLevel;
  readonly configSchema: JsonSchemas;
  /** Whether a resource of this type is judged. */
  readonly appliesTo: (type: string) => boolean;
  /** Judges one resource, before the engine touches it. */
  readonly validate?: (resource: Resource, run: PolicyRun<Config>) => Checked | Promise<Checked>;
  /** Judges those resources of the stack together that the policy applies to, after all are known. */
  readonly validateStack?: (resources: readonly Resource[], run: PolicyRun<Config>) => readonly Checked[];
}

/** Advisory in development, mandatory elsewhere, and where the pack does not know for which stack it runs. */
export const levelByEnvironment: Level = defaultLevel(stackContext.environment ?? "");

/**
 * Makes a Pulumi policy: exceptions and `disabled` are looked up, mistakes in its configuration and the waivers in
 * force are reported once a run (on the stack itself), properties are copied so that unknown ones do no harm.
 */
export function definePolicy<Config extends object>(definition: PolicyDefinition<Config>): ResourceValidationPolicy {
  const { name, description, enforcementLevel, configSchema, appliesTo, validate, validateStack } = definition;
  const validateResource = async (args: ResourceValidationArgs, report: ReportViolation) => {
    if (args.type === types.stack) {
      for (const violation of standing(definition, args)) send(report, description, violation);
    } else if (validate && appliesTo(args.type)) {
      const run = runOf<Config>(args.getConfig(), args.urn);
      if (isDisabled(run.config, run.now)) return;
      const checked = await validate(resourceOf(args), run);
      if (isExcepted(checked.names, run.config, run.now)) return;
      for (const violation of checked.violations) send(report, description, violation, checked.urn);
    }
  };
  const ofStack = validateStack && {
    validateStack: (args: StackValidationArgs, report: ReportViolation) => {
      const judged = args.resources.filter((r) => appliesTo(r.type));
      const run = runOf<Config>(args.getConfig(), args.resources[0]?.urn ?? "");
      if (isDisabled(run.config, run.now)) return;
      for (const { names, violations, urn } of validateStack(judged.map(resourceOf), run)) {
        if (isExcepted(names, run.config, run.now)) continue;
        for (const violation of violations) send(report, description, violation, urn);
      }
    },
  };
  return {
    name,
    description,
    enforcementLevel,
    configSchema: { properties: configSchema },
    validateResource,
    ...ofStack,
  };
}

function standing<Config>(definition: PolicyDefinition<Config>, args: ResourceValidationArgs): Violation[] {
  const config = args.getConfig<WaiverConfig & RotatingConfig>();
  const unknownKeys = Object.keys(config).filter((key) => !Object.hasOwn(definition.configSchema, key));
  const own = Object.keys(definition.configSchema).filter((key) => key !== "rotatingNow");
  const keys = ["enforcementLevel", ...own].join(", ");
  return [
    ...unknownKeys.map((key) => ({
      message: `${key} is no key of the configuration of ${definition.name}: use ${keys}`,
    })),
    ...checkRotatingNow(definition.name, config, stackContext.run),
    ...checkWaivers(definition.name, config, new Date()),
  ];
}

function runOf<Config extends object>(
  config: Config & WaiverConfig,
  urn: string,
  context: StackContext = stackContext,
) {
  const stack = context.stack ?? /^urn:pulumi:([^:]+)::/.exec(urn)?.[1] ?? "";
  return { now: new Date(), stack, environment: context.environment ?? stack, config };
}

/** All policies get the same objects (see readOnce.ts), which are copied for the first of them. */
const plainOnce = oncePerObject(plain);

function resourceOf({ type, urn, name, props, provider }: ResourceValidationArgs | PolicyResource): Resource {
  return { type, urn, name, props: plainOnce(props), provider: provider && plainOnce(provider.props) };
}

/**
 * A violation counts at the policy's level, as configured. One that is advice only has its level in an object, which
 * the SDK takes in place of the text though its types do not say so.
 */
export function send(report: ReportViolation, description: string, { message, level }: Violation, urn?: string): void {
  if (level === undefined) {
    report(message, urn);
  } else {
    const advice = { message: `${description}\n${message}`, enforcementLevel: level, urn };
    (report as unknown as (violation: typeof advice) => void)(advice);
  }
}
