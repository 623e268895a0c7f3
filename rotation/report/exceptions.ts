import type { StandingWaiver } from "../../policies/rules";
import { type Html, html } from "./html";
import { type Column, state, type Tone, table } from "./page";

const tones: Readonly<Record<StandingWaiver["state"], Tone>> = { "in force": "soon", ended: "idle", incomplete: "bad" };

/** @param waivers  undefined: no configuration of the policies was named, so that none is known */
export function exceptionsSection(waivers: readonly StandingWaiver[] | undefined): Html {
  if (waivers === undefined)
    return html`<p>No configuration of the policies was named (<code>--policy-config</code>): exceptions are not known here.</p>`;
  if (waivers.length === 0) return html`<p>There is none.</p>`;
  const columns: readonly Column<StandingWaiver>[] = [
    { title: "what", class: "name", cell: ({ subject, policy }) => subject ?? `all that ${policy} judges` },
    { title: "policy", class: "once", cell: ({ policy }) => policy },
    { title: "how", class: "once", cell: ({ kind }) => kind },
    { title: "until", class: "once", cell: ({ until }) => until },
    { title: "reason", class: "wide", cell: ({ reason }) => reason },
    { title: "state", class: "once", cell: ({ state: is }) => state(is, tones[is]) },
  ];
  return table("Exceptions of the policies, from their configuration.", columns, waivers);
}
