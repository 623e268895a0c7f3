import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { html } from "../../../rotation/report/html";
import { reportPage } from "../../../rotation/report/reportPage";
import { nasty } from "../notify/samples";
import { record, report, reported, timed } from "./samples";

describe("HTML", () => {
  it("takes what is put in as text, and pieces of HTML as they are", () => {
    const cell = html`<td title="${nasty}">${nasty}</td>`;
    assert.doesNotMatch(cell.text.slice(4, -5), /<script|"x"|'|\p{Cc}(?<!\n)|\u202E/u);
    assert.equal(html`<p>${[html`<b>${1}</b>`, undefined, "&"]}</p>`.text, "<p><b>1</b>&amp;</p>");
  });
});

describe("the page of a report", () => {
  const page = reportPage(report());

  it("allows its own style and nothing else", () => {
    const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = `default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;`;
    assert.ok(page.includes(`content="${policy}"`));
    assert.doesNotMatch(page, /<script|\son\w+=|\sstyle=|<link|@import|url\(|<img|<iframe/);
    // Whatever it could load or follow lies in the page.
    for (const [, target] of page.matchAll(/\s(?:href|src)="([^"]*)"/g)) assert.match(target ?? "", /^#/);
  });

  it("says what has failed, with its cure, and what is due", () => {
    assert.match(page, /shop\/other: sync: waited: &lt;script&gt;[\s\S]*?<b>Cure:<\/b> look at the ExternalSecret/);
    const [, due = ""] = /<h2 id="due">([\s\S]*?)<\/section>/.exec(page) ?? [];
    const names = [...due.matchAll(/<th scope="row" class="name">([^<]*)/g)].map(([, name]) => name);
    assert.deepEqual(names, ["shop/other", "shop/new", "reports/warehouse-db", "shop/jwt-signing", "ops/bastion-ssh"]);
    assert.match(due, /npm run rotate -- shop\/other --stack prod/);
    assert.match(due, /rotate it by hand/);
  });

  it("says which rotations are to be finished, since when, and what to do", () => {
    assert.doesNotMatch(page, /Rotations to be finished/);
    const phase = (since: string) => ({ next: "retire", isReady: true, since, hint: "rotate <it>" }) as const;
    const secrets = [
      reported({ secret: "shop/later", phase: phase("2026-06-29T13:00:00.000Z") }),
      reported({ secret: "shop/first", phase: phase("2026-06-20T12:00:00.000Z") }),
      reported({ secret: "shop/waits", phase: { next: "retire", isReady: false, from: "2026-07-01T00:00:00.000Z" } }),
    ];
    const [, section = ""] = /<h2 id="unfinished">([\s\S]*?)<\/section>/.exec(reportPage(report({ secrets }))) ?? [];
    const rows = section
      .split("<tr>")
      .slice(2)
      .map((row) => row.replaceAll(/<[^>]*>/g, "|").replaceAll(/\|+/g, "|"));
    const what = "the older credential may still be valid, and could be retired";
    assert.match(rows[0] ?? "", new RegExp(`shop/first\\|${what}\\|2026-06-20 12:00 UTC\\|10\\|rotate &lt;it&gt;`));
    assert.match(rows[1] ?? "", /shop\/later\|.*\|2026-06-29 13:00 UTC\|0\|/);
    assert.equal(rows.length, 2);
  });

  it("calls a failure cured that a later run of the same secret has made good", () => {
    const failing = report().trail;
    assert.ok("runs" in failing);
    const runs = [record("2026-06-30T05:00:00.000Z", [timed("shop/other")]), ...failing.runs];
    const cured = reportPage(report({ trail: { ...failing, runs } }));
    assert.match(cured, /Nothing has failed that a later run has not cured/);
  });

  it("has the age of each secret as a bar and in words", () => {
    assert.match(page, /aria-label="97 of 90 days, 108 %"/);
    assert.match(page, /<span class="state bad">overdue<\/span>/);
    assert.match(page, /no date that could be believed/);
  });

  it("has the steps of the last run where they were, and how long", () => {
    assert.match(page, /<title>rollout: from 1.95 s, 2.30 s<\/title>/);
    assert.match(page, /<title>sync: from 1.60 s, 2.00 s, failed<\/title>/);
  });

  it("says that there is no audit trail, and what to declare, and shows the rest", () => {
    const missing = "Pulumi.prod.yaml declares no audit trail: add a place to it";
    const bare = reportPage(report({ trail: { missing }, waivers: undefined }));
    assert.match(bare, /There is no history to show: Pulumi.prod.yaml declares no audit trail/);
    assert.match(bare, /shop\/session-key/);
    assert.match(bare, /No configuration of the policies was named/);
  });

  it("holds nothing that a name, a reason or a message could have brought in", () => {
    const actor = { kind: "os", name: nasty };
    const runs = [record("2026-06-30T02:00:00.000Z", [timed(nasty)], { reason: nasty, actor, trigger: nasty })];
    const waivers = [
      { policy: nasty, kind: "exception", subject: nasty, reason: nasty, until: nasty, state: "in force" },
    ] as const;
    const error = { message: nasty, hint: nasty };
    const secrets = [reported({ secret: nasty, kind: nasty, state: "unknown", error })];
    const all = reportPage({
      ...{ stack: nasty, environment: nasty, generatedAt: "2026-06-30T12:00:00.000Z" },
      ...{ secrets, trail: { place: nasty, runs, remarks: [nasty] }, waivers },
    });
    assert.doesNotMatch(all, /<script|alert\("x"\)|\p{Cc}(?<!\n)|\u202E/u);
  });
});
