import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { noRotation } from "../../../infra/rotation";
import { InterruptedError, Interruption } from "../../../rotation/interruption";
import type { OpenStack } from "../../../rotation/stack/openStack";
import { preview, targetsOf, update } from "../../../rotation/stack/update";

describe("rotation/stack/update", () => {
  it("refuses more targets than the CLI's arguments hold, before anything is touched", () => {
    const secrets = Array.from({ length: 9000 }, (_, i) => ({ name: `shop/secret-${i}`, kind: "app", consumers: [] }));
    const open = { config: { stack: "dev", secrets } } as unknown as OpenStack;
    const all = new Set(secrets.map(({ name }) => name));
    assert.throws(() => targetsOf(open, all, "all"), /^UsageError: 9000 secrets are more than one update takes: name/);
    const some = new Set([...all].slice(0, 1000));
    assert.ok(targetsOf(open, some, "all").length >= 1000);
  });

  it("starts no engine for a run that was asked to end before", async () => {
    const started: string[] = [];
    const operation = (name: string) => async () => started.push(name);
    const stack = { up: operation("up"), preview: operation("preview") } as unknown as Stack;
    const open = { stack } as OpenStack;
    const interruption = new Interruption();
    interruption.ask({ engineKnows: true });
    const options = { targets: [], message: "", onResource: () => undefined, interruption };
    const policy = { packs: [], configs: [] };
    const rotation = noRotation("2026-01-01T00:00:00.000Z");
    await assert.rejects(update(open, rotation, options), InterruptedError);
    await assert.rejects(
      preview(open, rotation, { ...options, policy, onViolation: () => undefined }),
      InterruptedError,
    );
    assert.deepEqual(started, []);
  });
});
