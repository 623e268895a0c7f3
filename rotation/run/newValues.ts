import { failureOf } from "../failureOf";
import type { Entry, Run } from "../gates/run";

/** Makes the values to write, side by side. One that cannot be made is a failure of its secret. @returns by name */
export async function newValues(run: Run, entries: readonly Entry[]): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  await Promise.all(
    entries.map(async ({ plan }) => {
      const { name } = plan.context.secret;
      try {
        const value = await plan.newValue?.();
        if (value !== undefined) values.set(name, value);
      } catch (error) {
        run.fail(name, failureOf(error, { secret: name, step: "create" }));
      }
    }),
  );
  return values;
}
