import assert from "node:assert/strict";
import type { PolicyViolation } from "../../../policies/rules";
import { runTable } from "../../../rotation/progress/runTable";
import { violationTable } from "../../../rotation/progress/violationTable";
import type { RunResult } from "../../../rotation/result";

const secret = {
  secret: "shop/orders-db",
  strategy: "alternating-users",
  outcome: "rotated",
  emergency: false,
  oldVersionId: "28f23b6f-5623-4a5e-8172-dd5aae008959",
  newVersionId: "40438396-ea5e-4cdd-80eb-209d06b3ac95",
  error: undefined,
  warnings: [],
  seconds: {
    check: 0.1,
    create: 0.1,
    set: 0.1,
    test: 0.1,
    finish: 0.1,
    sync: 0.1,
    rollout: 1,
    verify: 0.1,
    settle: 0.9,
  },
} as const satisfies RunResult["secrets"][number];
const run: RunResult = {
  runId: "842f50c6-98f5-4e34-9183-c14dea64c1b8",
  stack: "dev",
  startedAt: "2026-11-24T16:20:28.931Z",
  seconds: 6.8,
  policySeconds: undefined,
  backup: undefined,
  secrets: [secret],
};
const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));
const cells = (text: string) => text.split(/[│\n]/).map((cell) => cell.trim());

describe("the table of a run", () => {
  it("fits into a terminal that one table with everything is too wide for, and leaves nothing out", () => {
    const [whole, fitted] = [runTable(run), runTable(run, 100)];
    assert.ok(widest(whole) > 100 && widest(fitted) <= 100, fitted);
    for (const cell of cells(whole.slice(0, whole.indexOf("└"))).filter((cell) => /^[\w./–-]+$/.test(cell))) {
      assert.ok(cells(fitted).includes(cell), `${cell} is missing in\n${fitted}`);
    }
  });

  it("is left out when there is nothing to show", () => {
    assert.equal(runTable({ ...run, secrets: [] }), `run ${run.runId}: 6.8 s; steps in seconds`);
  });
});

describe("the table of violations", () => {
  it("breaks neither a secret's name nor a policy's, which are copied from it", () => {
    const name = "payments/settlement/orders-database";
    const violation: PolicyViolation = {
      policy: "secret-encryption-and-recovery",
      level: "mandatory",
      secret: name,
      message: "word ".repeat(40),
    };
    const found = cells(violationTable([violation]));
    assert.ok(found.includes(name) && found.includes(violation.policy), found.join("|"));
  });
});
