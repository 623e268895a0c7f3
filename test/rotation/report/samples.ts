import type { AuditRecord } from "../../../rotation/audit/record";
import { recordOf } from "../../../rotation/audit/record";
import type { Report, ReportedSecret } from "../../../rotation/report/report";
import { runContext, runResult, secretResult } from "../audit/samples";
import { failed } from "../notify/samples";

export const generatedAt = "2026-06-30T12:00:00.000Z";
const msPerDay = 86_400_000;
const daysFromNow = (days: number) => new Date(Date.parse(generatedAt) + days * msPerDay).toISOString();

/** A declared secret of this age, with what follows from it. */
export function reported(more: Partial<ReportedSecret> = {}): ReportedSecret {
  const { ageDays = 10, maxAgeDays = 90 } = more;
  const left = maxAgeDays - ageDays + 1;
  return {
    ...{ secret: "shop/key", kind: "app", strategy: "simple", rotatable: true },
    ...{ state: left <= 0 ? "stale" : left <= 1 ? "due" : "ok", versionId: "v1" },
    ...{ rotatedAt: daysFromNow(-ageDays), ageDays, maxAgeDays, next: undefined },
    due: { policy: "secret-max-age", at: `${daysFromNow(left).slice(0, 10)}T00:00:00.000Z` },
    ...{ maxAgeReason: undefined, defaultMaxAgeDays: 90 },
    ...more,
  };
}

const seconds = {
  check: 0.11,
  create: 0.4,
  set: 0.12,
  test: 0.05,
  finish: 0.02,
  sync: 0.3,
  rollout: 1.9,
  verify: 0.1,
  settle: 0.8,
};
const starts = {
  check: 0,
  create: 0.9,
  set: 1.35,
  test: 1.5,
  finish: 1.56,
  sync: 1.6,
  rollout: 1.95,
  verify: 3.9,
  settle: 4.1,
};

export function timed(secret: string, more: object = {}) {
  return secretResult({ secret, seconds, starts, ...more });
}

export function record(startedAt: string, secrets = [timed("shop/key")], context: object = {}): AuditRecord {
  const at = new Date(Date.parse(startedAt) + 5200);
  const run = runResult({
    startedAt,
    secrets,
    runId: `b04f19bb-cbc4-4b8f-85a5-${startedAt.replaceAll(/\D/g, "").slice(0, 12)}`,
  });
  const ci = { kind: "github-actions", name: "octocat", runUrl: "https://github.example/acme/shop/actions/runs/1" };
  return recordOf({ ...runContext, environment: "prod", actor: ci as never, trigger: "schedule", ...context }, run, {
    at,
    error: undefined,
  });
}

export function report(more: Partial<Report> = {}): Report {
  const partly = { check: 0.11, create: 0.4, set: 0.12, test: 0.05, finish: 0.02, sync: 2 };
  const last = [
    timed("shop/session-key"),
    timed("shop/orders-db", { strategy: "alternating-users", seconds: { ...seconds, rollout: 2.3 } }),
    timed(failed.secret, { ...failed, seconds: partly, starts }),
  ];
  return {
    ...{ stack: "prod", environment: "prod", generatedAt },
    secrets: [
      reported({ secret: "shop/session-key", ageDays: 0, maxAgeDays: 60 }),
      reported({ secret: "shop/orders-db", kind: "database", strategy: "alternating-users", ageDays: 0 }),
      reported({ secret: "shop/other", ageDays: 97 }),
      reported({ secret: "shop/jwt-signing", kind: "jwt", strategy: "simple-overlap", ageDays: 160, maxAgeDays: 180 }),
      reported({
        secret: "reports/warehouse-db",
        kind: "database",
        strategy: "single-user",
        ageDays: 30,
        maxAgeDays: 30,
      }),
      reported({
        secret: "ops/bastion-ssh",
        kind: "ssh-key",
        strategy: "manual",
        rotatable: false,
        ageDays: 340,
        maxAgeDays: 365,
      }),
      {
        ...reported({ secret: "shop/new", state: "never-rotated" }),
        ...{ ageDays: undefined, rotatedAt: undefined },
        due: { policy: "secret-never-rotated", at: "2026-06-29T00:00:00.000Z" },
      },
    ],
    trail: {
      place: "s3://acme-audit/secret-audit",
      runs: [
        record("2026-06-30T02:00:00.000Z", last),
        record("2026-06-23T02:00:00.000Z", [timed("shop/other"), timed("shop/jwt-signing")]),
        record("2026-06-20T09:12:00.000Z", [timed("shop/orders-db")], {
          reason: "seen in a log",
          emergency: true,
          trigger: "manual",
        }),
      ],
      remarks: [],
    },
    waivers: [
      {
        policy: "secret-max-age",
        kind: "exception",
        subject: "shop/other",
        reason: "vendor migrates",
        until: "2026-07-31",
        state: "in force",
      },
    ],
    ...more,
  };
}

/** As large as an estate may be. */
export function largeReport(count: number): Report {
  const names = Array.from({ length: count }, (_, i) => `team-${i % 25}/service-${String(i).padStart(4, "0")}`);
  const secrets = names.map((secret, i) => reported({ secret, ageDays: (i * 37) % 100 }));
  const runs = Array.from({ length: 50 }, (_, day) => {
    const own = day === 0 ? names : names.slice(day, day + 5);
    return record(
      new Date(Date.parse(generatedAt) - day * msPerDay).toISOString(),
      own.map((name) => timed(name)),
    );
  });
  return report({ secrets, trail: { place: "s3://acme-audit/secret-audit", runs, remarks: [] } });
}
