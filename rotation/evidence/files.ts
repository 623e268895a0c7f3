import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { describeError, UsageError } from "../errors";
import { csv } from "./csv";
import type { Evidence } from "./evidence";
import { evidencePage } from "./evidencePage";
import type { Member } from "./population";
import type { RotationRow } from "./rotations";

const memberColumns = [
  ...[
    "secret",
    "fullName",
    "declared",
    "kind",
    "strategy",
    "rotatedHere",
    "maxAgeDays",
    "defaultMaxAgeDays",
    "maxAgeReason",
  ],
  ...["state", "rotatedAt", "ageDays", "versionId", "rotations", "failures"],
] as (keyof Member)[];
const rotationColumns = [
  ...[
    "secret",
    "startedAt",
    "endedAt",
    "command",
    "emergency",
    "result",
    "oldVersionId",
    "newVersionId",
    "strategy",
    "fromStrategy",
  ],
  ...["actor", "actorKind", "awsIdentity", "runUrl", "trigger", "reason", "errorStep", "errorCode", "error"],
  ...["refusedAt", "refusedVersionId", "refused", "backup", "runId"],
] as (keyof RotationRow)[];

/** The texts by the names of their files. */
export function evidenceFiles(evidence: Evidence): ReadonlyMap<string, string> {
  const { population, rotations, exceptions = [] } = evidence;
  return new Map([
    ["population.csv", csv(memberColumns, population)],
    ["rotations.csv", csv(rotationColumns, rotations)],
    ["exceptions.csv", csv(["policy", "kind", "subject", "reason", "until", "state"], exceptions)],
    ["evidence.json", `${JSON.stringify(evidence, undefined, 2)}\n`],
    ["evidence.html", evidencePage(evidence)],
  ]);
}

/** What each file is, so that a later change is seen. */
export function manifestOf(evidence: Evidence, files: ReadonlyMap<string, string>): string {
  const { stack, environment, from, to, generatedAt } = evidence;
  const listed = [...files].map(([name, text]) => ({ name, bytes: Buffer.byteLength(text), sha256: sha256(text) }));
  const manifest = { schemaVersion: 1, stack, environment, from, to, generatedAt, files: listed };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * The folder that is written to, which is not there yet, or empty.
 *
 * @throws {UsageError} when it is neither
 */
export async function newFolder(out: string): Promise<string> {
  const folder = resolve(out);
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new UsageError(`--out ${out} is no folder that can be used: ${describeError(error)}`);
  });
  if (found.length > 0) throw new UsageError(`--out ${out} is not empty: name a new folder, nothing is written over`);
  return folder;
}

/**
 * Writes all files or none: into a folder beside it, which then takes its place.
 *
 * @param folder  as {@link newFolder} found it; when it is not empty any more, nothing is written over
 * @returns the SHA-256 of the manifest
 */
export async function writeEvidence(evidence: Evidence, folder: string): Promise<string> {
  const files = evidenceFiles(evidence);
  const manifest = manifestOf(evidence, files);
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    for (const [name, text] of [...files, ["manifest.json", manifest] as const]) {
      await writeFile(join(temporary, name), text, { flag: "wx" });
    }
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return sha256(manifest);
}
