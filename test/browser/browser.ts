import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, launch, type Page } from "puppeteer-core";
import { installChromium } from "../sandbox/tools";
import { createProgress } from "../sandbox/tools/progress";

export interface TestBrowser {
  /** A page with nothing in it, whose requests are counted and whose complaints are kept. */
  page(): Promise<WatchedPage>;
  close(): Promise<void>;
}

export interface WatchedPage {
  readonly page: Page;
  /** URLs of what it asked for, its own document apart. */
  readonly requests: readonly string[];
  /** What it wrote to the console, as a browser does of what its policy refuses. */
  readonly complaints: readonly string[];
}

/** A real Chromium, without a window. */
export async function startBrowser(): Promise<TestBrowser> {
  const { executable, env } = await installChromium(createProgress());
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const browser: Browser = await launch({
    executablePath: executable,
    // The tests run as root in CI, where Chromium has no sandbox; the pages are this repository's own.
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
    env,
    userDataDir: profile,
    headless: "shell",
  });
  return {
    async page() {
      const page = await browser.newPage();
      const [requests, complaints]: [string[], string[]] = [[], []];
      page.on("request", (request) => void (request.isNavigationRequest() || requests.push(request.url())));
      page.on("console", (message) => void complaints.push(message.text()));
      page.on("pageerror", (error) => void complaints.push(String(error)));
      return { page, requests, complaints };
    },
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
