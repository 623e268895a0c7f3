import { styleText } from "node:util";
import type { SecretStatus } from "../status/status";

const cells = 10;

/** How a terminal shows things. */
export interface Look {
  readonly color: boolean;
}

/** An age against its limit, e.g. `██████▒▒▒▒ 54/90 d`; past its limit it is full. */
export function ageBar({ ageDays, maxAgeDays, state }: SecretStatus, { color }: Look): string {
  if (ageDays === undefined) return "–";
  const share = maxAgeDays === 0 ? 1 : Math.min(1, ageDays / maxAgeDays);
  const full = Math.round(share * cells);
  const bar = `${"█".repeat(full)}${"░".repeat(cells - full)}`;
  return `${painted(bar, colorOf(state), color)} ${ageDays}/${maxAgeDays} d`;
}

/** Its state in the colour that it has. */
export function paintedState(text: string, { state }: SecretStatus, { color }: Look): string {
  return painted(text, colorOf(state), color);
}

function colorOf(state: SecretStatus["state"]): "green" | "yellow" | "red" {
  if (state === "ok") return "green";
  return state === "due" || state === "unverified" || state === "not-provisioned" ? "yellow" : "red";
}

function painted(text: string, format: "green" | "yellow" | "red", color: boolean): string {
  return color ? styleText(format, text, { validateStream: false }) : text;
}
