// Installs the npm packages when they are missing or older than the lock file, so that one command is enough in a fresh
// clone. Plain JavaScript without packages: it runs before there are any.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
// npm writes this file as the last thing of an installation.
const installed = resolve(root, "node_modules/.package-lock.json");
const lock = resolve(root, "package-lock.json");

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  console.error("Installing npm packages (about a minute)");
  // Without install scripts: they would download provider plugins, which not every network allows.
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error("npm ci failed: see above; it needs the npm registry");
    process.exit(1);
  }
}
