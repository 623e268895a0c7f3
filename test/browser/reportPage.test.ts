import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import type { Page } from "puppeteer-core";
import { evidencePage } from "../../rotation/evidence/evidencePage";
import { reportPage } from "../../rotation/report/reportPage";
import { sampleEvidence } from "../rotation/evidence/samples";
import { largeReport, report } from "../rotation/report/samples";
import { startBrowser, type TestBrowser, type WatchedPage } from "./browser";

const pages = {
  report: () => reportPage(report()),
  "report without a trail": () => reportPage(report({ trail: { missing: "no audit trail" }, waivers: undefined })),
  evidence: () => evidencePage(sampleEvidence),
} as const;

describe("the pages in a browser", function () {
  this.timeout(120_000);
  let browser: TestBrowser;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "pages-"));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  async function opened(text: string, scheme: "light" | "dark" = "light", width = 1280): Promise<WatchedPage> {
    const file = join(folder, "page.html");
    writeFileSync(file, text);
    const watched = await browser.page();
    await watched.page.setViewport({ width, height: 900 });
    await watched.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await watched.page.goto(pathToFileURL(file).href);
    return watched;
  }

  for (const [name, text] of Object.entries(pages)) {
    for (const scheme of ["light", "dark"] as const) {
      it(`${name}, ${scheme}: nothing is asked of a network, nothing is refused, and axe finds nothing`, async () => {
        const { page, requests, complaints } = await opened(text(), scheme);
        assert.deepEqual([requests, complaints], [[], []]);
        assert.deepEqual(await violations(page), []);
        await page.close();
      });
    }
    it(`${name}: nothing is wider than a telephone but what scrolls by itself`, async () => {
      const { page } = await opened(text(), "light", 390);
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
      await page.close();
    });
  }

  it("light and dark differ, and paper is light whatever the screen is", async () => {
    const background = (page: Page) => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const [light, dark] = [await opened(pages.report()), await opened(pages.report(), "dark")];
    assert.notEqual(await background(light.page), await background(dark.page));
    await dark.page.emulateMediaType("print");
    assert.equal(await background(dark.page), "rgb(255, 255, 255)");
    const pdf = await dark.page.pdf({ format: "A4", landscape: true });
    assert.equal(Buffer.from(pdf.subarray(0, 5)).toString(), "%PDF-");
    for (const { page } of [light, dark]) await page.close();
  });

  it("the style of its own takes hold: the page's policy lets it in", async () => {
    const { page } = await opened(pages.report());
    assert.equal(await page.evaluate(`getComputedStyle(document.querySelector("section")).borderRadius`), "10px");
    await page.close();
  });

  it("its policy lets in no script that came in all the same", async () => {
    const text = pages.report().replace("</body>", `<script>document.title = "taken over"</script></body>`);
    const { page, complaints } = await opened(text);
    assert.doesNotMatch(await page.title(), /taken over/);
    assert.match(complaints.join("\n"), /Content Security Policy/);
    await page.close();
  });

  it("a bar is as long as its age is near to its limit", async () => {
    const { page } = await opened(pages.report());
    const width = (label: string) =>
      page.$eval(`svg[aria-label="${label}"] rect:nth-of-type(2)`, (bar) => bar.getBoundingClientRect().width);
    const [half, whole] = [await width("160 of 180 days, 89 %"), await width("30 of 30 days, 100 %")];
    assert.ok(Math.abs(half / whole - 160 / 180) < 0.01, `${half} and ${whole}`);
    await page.close();
  });

  it("shows 1,000 secrets, the most urgent ones first", async () => {
    const { page, complaints } = await opened(reportPage(largeReport(1000)));
    assert.deepEqual(complaints, []);
    const rows = await page.$$eval("[aria-labelledby=ages] tbody tr", (all) => all.map((row) => row.textContent ?? ""));
    assert.equal(rows.length, 1000);
    assert.match(rows[0] ?? "", /9990.*overdue|overdue/);
    assert.match(rows.at(-1) ?? "", /ok/);
    await page.close();
  });
});

async function violations(page: Page): Promise<string[]> {
  // Through the debugger, which the page's policy does not hold for.
  await page.evaluate(readFileSync(require.resolve("axe-core"), "utf8"));
  const found = (await page.evaluate("axe.run()")) as AxeResults;
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join(" | ")}`);
}
