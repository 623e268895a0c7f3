import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const charts = join(__dirname, "charts");

/** A chart repository on this machine, as Helm reads one. */
export interface ChartRepository {
  readonly url: string;
  close(): void;
}

/**
 * Serves the charts of this folder.
 *
 * @param versions  by chart
 * @see https://helm.sh/docs/topics/chart_repository/
 */
export async function serveCharts(versions: Readonly<Record<string, readonly string[]>>): Promise<ChartRepository> {
  const folder = mkdtempSync(join(tmpdir(), "charts-"));
  const entries: Record<string, object[]> = {};
  for (const [name, all] of Object.entries(versions)) {
    entries[name] = [];
    for (const version of all) entries[name].push(await packed(folder, name, version));
  }
  writeFileSync(join(folder, "index.yaml"), JSON.stringify({ apiVersion: "v1", entries }));
  const server = createServer(({ url = "" }, response) => {
    try {
      response.end(readFileSync(join(folder, basename(url))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    },
  };
}

async function packed(folder: string, name: string, version: string): Promise<object> {
  const source = join(folder, name);
  cpSync(join(charts, name), source, { recursive: true });
  const file = join(source, "Chart.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("version: 0.0.0", `version: ${version}`));
  const archive = `${name}-${version}.tgz`;
  await promisify(execFile)("tar", ["-czf", join(folder, archive), "-C", folder, name]);
  rmSync(source, { recursive: true });
  return { apiVersion: "v2", name, version, urls: [archive] };
}
