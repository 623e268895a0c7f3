import assert from "node:assert/strict";

/** Zones with and without daylight saving, with odd offsets, and one that once left out a whole day. */
export const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/St_Johns",
  "Asia/Tehran",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Kiritimati",
];

/** Instants at which clocks somewhere are changed, and days that calendars stumble over. */
export const awkwardInstants = [
  "2026-03-29T01:00:00Z",
  "2026-10-25T01:00:00Z",
  "2026-03-08T07:00:00Z",
  "2026-11-01T06:00:00Z",
  "2026-04-04T15:00:00Z",
  "2011-12-30T10:00:00Z",
  "2024-02-29T00:00:00Z",
  "2028-02-29T23:59:59.999Z",
  "2000-02-29T12:00:00Z",
  "2100-03-01T00:00:00Z",
  "2026-12-31T23:59:59.999Z",
  "1970-01-01T00:00:00Z",
].map((text) => new Date(text));

/** Runs something as if the machine were in that zone. */
export function inZone<T>(zone: string, run: () => T): T {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    assert.equal(Intl.DateTimeFormat().resolvedOptions().timeZone, zone, "Node follows TZ");
    return run();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}
