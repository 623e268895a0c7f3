import type { Credential } from "../rotators/own/steps";
import { waitFor } from "../waitFor";
import type { Order } from "./messages";
import type { Points } from "./points";
import { rotateWhole } from "./rotateOnce";
import type { Site } from "./site";
import { Broken } from "./verdict";

type Resume = Extract<Order, { what: "resume" }>;

/**
 * Runs again what was killed, looks what has become of it, and begins another rotation, which is killed at its own point.
 *
 * @throws {Broken} when it does not end with one credential that is accepted, and nothing besides
 */
export async function resume(site: Site, { isFirst, emergency, dieAt, made }: Resume, points: Points): Promise<void> {
  if (!isFirst) {
    await rotateWhole(site, emergency);
    await isWhole(site, [...made, ...site.made], emergency);
  }
  points.arm(dieAt);
  await rotateWhole(site, emergency);
}

async function isWhole(site: Site, made: readonly Credential[], emergency: boolean): Promise<void> {
  const { current, previous } = await site.values();
  await site.becomes(current, "accepted", "the current credential");
  const { overlap } = site.strategy;
  const isRetired = (site.retires || emergency || overlap === "one-live") && overlap !== "consumers-only";
  if (isRetired && previous !== undefined) await site.becomes(previous, "refused", "the credential before");
  if (isRetired && site.own) {
    const now = JSON.stringify(site.credential(current));
    for (const one of made.filter((other) => JSON.stringify(other) !== now)) await isRefused(site, one);
  }
  const left = (await site.leftovers()) ?? [];
  if (left.length > 0) throw new Broken(`find gives ${left.length} that nothing has`);
}

async function isRefused(site: Site, credential: Credential): Promise<void> {
  const look = async () =>
    (await site.step("test", (at, steps) => steps.test(at, credential))) === "refused" ? true : undefined;
  if (!(await waitFor(look, { timeoutSeconds: 30 }))) throw new Broken("a credential that nothing has is accepted");
}
