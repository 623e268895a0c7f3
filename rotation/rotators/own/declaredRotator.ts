import { z } from "zod";
import type { Rotator } from "../../../infra/config/rotator";
import type { ExecDeclaration, HttpDeclaration } from "../../../infra/config/rotatorsSchema";
import { defineRotator } from "../defineRotator";
import { askEndpoint } from "./askEndpoint";
import { askProgram } from "./askProgram";
import { stepsBy } from "./stepsBy";

/**
 * A kind whose steps are taken by a program, or at a URL. The block under its name may have any parameters: whoever takes
 * the steps judges them.
 *
 * @param folder  the project's
 */
export function declaredRotator(kind: string, declared: ExecDeclaration | HttpDeclaration, folder: string): Rotator {
  const { about, maxAgeDays, overlap, properties, verbs, gracePeriod, unusedFor, reads } = declared;
  const ask = "exec" in declared ? askProgram(declared, folder) : askEndpoint(declared);
  const headers = "http" in declared ? Object.values(declared.http.headersFrom).map(({ secret }) => secret) : [];
  return defineRotator({
    ...{ kind, about, maxAgeDays, overlap, properties },
    parameters: z.looseObject({}),
    reads: () => [...new Set([...reads, ...headers])],
    ...(gracePeriod !== undefined && { gracePeriod: () => gracePeriod }),
    ...(unusedFor !== undefined && { unusedFor: () => unusedFor }),
    steps: stepsBy(ask, { verbs, reads }),
  });
}
