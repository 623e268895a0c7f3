import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { reportPage } from "../../rotation/report/reportPage";
import { startBrowser } from "../browser/browser";
import { largeReport } from "../rotation/report/samples";
import { atMost, type BenchContext, type Benchmark, type Figure } from "./benchmark";
import { median, spread } from "./statistics";

const runs = 7;
const count = 1000;
const limitSeconds = 1;

export const benchmark: Benchmark = {
  name: "reportPage",
  title: "The page with 1,000 secrets, in Chromium",
  timeoutSeconds: 300,
  usesStand: false,
  run,
};

async function run({ say, signal, remark }: BenchContext): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "report-page-"));
  const browser = await startBrowser();
  try {
    const startedMs = performance.now();
    const text = reportPage(largeReport(count));
    const made = (performance.now() - startedMs) / 1000;
    const file = join(folder, "page.html");
    writeFileSync(file, text);
    const seconds: number[] = [];
    for (let i = 1; i <= runs; i++) {
      signal.throwIfAborted();
      const { page } = await browser.page();
      const openedMs = performance.now();
      await page.goto(pathToFileURL(file).href);
      // Two frames: the first one lays out and paints all of it.
      await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
      seconds.push((performance.now() - openedMs) / 1000);
      say(`run ${i}: ${seconds.at(-1)?.toFixed(2)} s`);
      await page.close();
    }
    remark("from the navigation until the frame after the load event has been painted, each time in a new tab");
    return [
      atMost("opens", median(seconds), limitSeconds, "s", spread(seconds, "s")),
      { what: "is made in", measured: `${made.toFixed(2)} s` },
      { what: "its size", measured: `${(Buffer.byteLength(text) / 1024).toFixed(0)} KB` },
    ];
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}
