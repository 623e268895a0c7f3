import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../infra/config/duration";

/** Options that several commands take. */

export function stackOption(): Option {
  return new Option("--stack <stack>", "the Pulumi stack").env("PULUMI_STACK").makeOptionMandatory();
}

export function dueWithinOption(): Option {
  return new Option("--due-within <duration>", "a secret that gets stale within this time is due")
    .default(86_400, "1d")
    .argParser(seconds);
}

export function dryRunOption(): Option {
  return new Option("--dry-run", "say what would happen, by a real preview");
}

export function policyConfigOption(): Option {
  return new Option("--policy-config <file>", "configuration of the policy pack, as pulumi preview takes it");
}

export function leaveBehindOption(): Option {
  const text = "a workload that is not declared and may be left with a credential that is refused then; repeatable";
  const collect = (name: string, before: readonly string[]) => [...before, name];
  return new Option("--leave-behind <name>", text).argParser(collect).default([] as readonly string[]);
}

export function metricsFileOption(): Option {
  return new Option("--metrics-file <file>", "write the metrics to a file too, as OpenMetrics text");
}

export function parallelOption(): Option {
  const text = "go in waves of so many secrets, an update each; default: all in one update";
  return new Option("--parallel <n>", text).argParser(count);
}

export function jsonOption(): Option {
  return new Option("--json", "print the result as JSON");
}

export function reasonOption(): Option {
  return new Option("--reason <text>", "why, for the audit trail").argParser(reason);
}

export function inFreezeOption(): Option {
  const text = "rotate though the schedule has a freeze; why, for the audit trail";
  return new Option("--in-freeze <reason>", text).argParser(reason).conflicts(["reason", "due"]);
}

function reason(text: string): string {
  if (text.length > 500 || /\p{Cc}/u.test(text)) {
    throw new InvalidArgumentError("write one line of at most 500 characters");
  }
  return text;
}

/** Parses an option's value such as `14d`. */
export function seconds(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidArgumentError("write a number and s, m, h or d, e.g. 14d");
  return parsed;
}

export function count(text: string): number {
  const parsed = Number(text);
  if (!Number.isInteger(parsed) || parsed < 1) throw new InvalidArgumentError("write a whole number from 1");
  return parsed;
}
