import { defaultLevel, type Level } from "./environments";
import { type StandingWaiver, waiversOf } from "./exceptions";
import { type RotatingConfig, useExceptions } from "./rotatingNow";

/** The pack's configuration, as `--policy-pack-config` takes it: by policy, or `all` for the level of all of them. */
export type PackConfig = Readonly<Record<string, ConfiguredLevel | PolicyConfig>>;
export type ConfiguredLevel = Level | "disabled" | "remediate";
export type PolicyConfig = { readonly enforcementLevel?: ConfiguredLevel } & Readonly<Record<string, unknown>>;

/** The policies that judge the age of a secret: a rotation cures what they report. */
export const curedByRotation = ["secret-max-age", "secret-never-rotated", "certificate-expiry"] as const;

/** The properties configured for one policy, without its level. */
export function propertiesOf(pack: PackConfig, policy: string): Readonly<Record<string, unknown>> {
  const config = pack[policy];
  if (config === undefined || typeof config === "string") return {};
  const { enforcementLevel: _, ...properties } = config;
  return properties;
}

/** The level of a policy: its own in the configuration, else that of `all`, else the default of the environment. */
export function levelOf(pack: PackConfig, policy: string, environment: string): Level | "disabled" {
  const level = configuredLevel(pack[policy]) ?? configuredLevel(pack.all) ?? defaultLevel(environment);
  return level === "remediate" ? "mandatory" : level;
}

function configuredLevel(config: ConfiguredLevel | PolicyConfig | undefined): ConfiguredLevel | undefined {
  return typeof config === "object" ? config.enforcementLevel : config;
}

/**
 * The configuration for the update that rotates these secrets: what is configured already, and `rotatingNow` for
 * every policy whose findings a rotation cures. Write it to a file and name it in `policyPackConfigs`.
 *
 * @param run  a text that nobody can know beforehand; the engine's environment has it as `runVariable`
 */
export function whileRotatingSecrets(pack: PackConfig, names: readonly string[], run: string): PackConfig {
  const added = curedByRotation.map((policy): [string, PolicyConfig] => {
    const level = configuredLevel(pack[policy]);
    const rotating: RotatingConfig = { rotatingNow: { run, names: [...names] } };
    return [policy, { ...propertiesOf(pack, policy), ...rotating, ...(level && { enforcementLevel: level }) }];
  });
  return { ...pack, ...Object.fromEntries(added) };
}

/** Every waiver of a configuration: exceptions, and policies that are disabled or lowered. */
export function waiversIn(pack: PackConfig, now: Date): StandingWaiver[] {
  return Object.keys(pack).flatMap((policy) => waiversOf(policy, propertiesOf(pack, policy), now));
}

/** What is wrong with a file of configuration, as a sentence; undefined: nothing that can be told without a secret. */
export function refusedKey(pack: PackConfig): string | undefined {
  const policy = Object.keys(pack).find((name) => "rotatingNow" in propertiesOf(pack, name));
  return policy && `rotatingNow of ${policy} is for the driver alone: ${useExceptions}`;
}
