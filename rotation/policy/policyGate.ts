import { isDeepStrictEqual } from "node:util";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { emergencyStage } from "../../infra/names";
import type { PlannedSecret } from "../plan/plannedSecret";
import { isMandatory, PolicyError } from "../policyError";
import { anyValue, type Foreseen, foreseen, type Previewed, type Previewing, previewRotation } from "./previewRotation";

/**
 * The policies of one run. The age of what it rotates counts as cured; every other mandatory policy stops it. They judge what
 * the checks will most likely find while these are under way, and once more where that was something else.
 */
export class PolicyGate {
  readonly #previewing: Previewing;
  readonly #abandoned = new AbortController();
  #begun: { readonly rotating: Foreseen; readonly previewed: Promise<Previewed> } | undefined;

  constructor(previewing: Previewing) {
    this.#previewing = previewing;
  }

  /** Of each secret a new version is expected, that the run brings to all of its workloads. */
  begin(secrets: readonly SecretDeclaration[], emergency: boolean): void {
    if (this.#previewing.pack === undefined) return;
    const stages = emergency ? [emergencyStage] : [];
    const rotating = new Map(
      secrets.map(({ name }) => {
        const version = (this.#previewing.recorded.get(name)?.version?.counter ?? 0) + 1;
        return [name, { version, value: anyValue, stages, reloaded: new Set<string>() }];
      }),
    );
    const previewed = previewRotation(rotating, { ...this.#previewing, abandoned: this.#abandoned.signal });
    previewed.catch(() => undefined);
    this.#begun = { rotating, previewed };
  }

  /**
   * @returns the seconds that it took from here on; undefined: there is no pack
   * @throws {PolicyError} with all violations, one of them mandatory
   */
  async judge(plans: readonly PlannedSecret[]): Promise<number | undefined> {
    if (this.#begun === undefined) return undefined;
    const start = performance.now();
    const rotating = foreseen(plans);
    const isExpected = isDeepStrictEqual(rotating, this.#begun.rotating);
    if (!isExpected) await this.end();
    const { violations } = await (isExpected ? this.#begun.previewed : previewRotation(rotating, this.#previewing));
    if (violations.some(isMandatory)) throw new PolicyError(violations);
    return (performance.now() - start) / 1000;
  }

  /** Nobody needs it any more. Resolves when nothing of it is left. */
  async end(): Promise<void> {
    this.#abandoned.abort();
    await this.#begun?.previewed.catch(() => undefined);
  }
}
