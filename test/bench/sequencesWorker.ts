import { Estate, type Operation } from "../estates/sequences";

/**
 * A process with a stack of its own that sequences happen to. Pulumi hands what an inline program throws to every program of
 * the process, so two stacks in one would be told of each other's refusals.
 */
async function main(stack: string): Promise<void> {
  const estate = new Estate(stack);
  await estate.start();
  process.on("message", (operations: readonly Operation[]) => {
    void problemOf(estate, operations).then((problem) => process.send?.({ problem }));
  });
  process.once("disconnect", () => {
    void estate.stop().finally(() => process.exit());
  });
  process.send?.({});
}

async function problemOf(estate: Estate, operations: readonly Operation[]): Promise<string | undefined> {
  try {
    await estate.run(operations);
    return undefined;
  } catch (error) {
    // What comes next begins with a stack that is whole again.
    await estate.heal().catch(() => undefined);
    return reason(String(error));
  }
}

/** Of the whole output of a command that failed, what it says from its first error on. */
function reason(text: string): string {
  if (text.length < 2000) return text;
  return `${text.slice(0, 200)}\n${text.slice(Math.max(0, text.search(/\berror:/i))).slice(0, 3000)}`;
}

void main(process.argv[2] ?? "walk");
