import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { databaseOf } from "../../rotation/rotators/database/parameters";
import { logEnd, refusedLogins } from "../sampleService/refusedLogins";
import type { StepMark } from "./driver";

/** The logins of one role that PostgreSQL refused, by its log. */
export interface RoleRefusals {
  readonly secret: string;
  readonly role: string;
  /**
   * Before the step `set` had ended: the driver asks the server whether it takes the pending password already, before it
   * sets it, and is refused.
   */
  readonly whileSetting: number;
  /** From then on: whoever still logs in with an old password. */
  readonly afterwards: number;
}

/** Counts refused logins during a rotation, from the server's log. */
export class RefusalWatch {
  readonly #log: string;
  readonly #secrets: readonly SecretDeclaration[];
  readonly #start: number;
  readonly #setEnded = new Map<string, Promise<number>>();

  private constructor(log: string, secrets: readonly SecretDeclaration[], start: number) {
    this.#log = log;
    this.#secrets = secrets.filter(({ kind }) => kind === "database");
    this.#start = start;
  }

  /** @param log the file that PostgreSQL writes */
  static async begin(log: string, secrets: readonly SecretDeclaration[]): Promise<RefusalWatch> {
    return new RefusalWatch(log, secrets, await logEnd(log));
  }

  /** To be told of each step of the driver: `test` begins when `set` is over. */
  onMark({ secret, step }: StepMark): void {
    if (step === "test") this.#setEnded.set(secret, logEnd(this.#log));
  }

  async end(): Promise<RoleRefusals[]> {
    const all = await this.#since(this.#start);
    const found = this.#secrets.map(async (secret) => {
      const { name } = secret;
      const setEnded = await this.#setEnded.get(name);
      // A secret whose password was never set has had all of its refusals before that.
      const later = setEnded === undefined ? new Map<string, number>() : await this.#since(setEnded);
      return databaseOf({ secret }).roles.map((role) => {
        const afterwards = later.get(role) ?? 0;
        return { secret: name, role, whileSetting: (all.get(role) ?? 0) - afterwards, afterwards };
      });
    });
    return (await Promise.all(found)).flat();
  }

  async #since(offset: number): Promise<ReadonlyMap<string, number>> {
    return new Map((await refusedLogins(this.#log, offset)).map(({ role, count }) => [role, count]));
  }
}
