import { createHash } from "node:crypto";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Recipe } from "./cache";
import { findOnPath, run } from "./run";

const version = "1.18.0";

/** Debian's own mirror keeps the newest of each version alone, its snapshots keep all. */
const mirrors = ["http://deb.debian.org/debian", "http://snapshot.debian.org/archive/debian/20250920T000000Z"];

/** Packages of Debian 12, and the SHA-256 of each. They want glibc 2.36, OpenSSL 3 and libsystemd. */
const packages: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>> = {
  x64: {
    "p/pgbouncer/pgbouncer_1.18.0-1+deb12u1_amd64.deb":
      "b8468c31f94596da0967b1a27980a0a036268eb8e53d3e647651bd7b82b6f65e",
    "c/c-ares/libc-ares2_1.18.1-3_amd64.deb": "087fd5c2ac883202e1786ab45617cdab7f77bc7f060d58cca177ddf6b6c3fa73",
    "libe/libevent/libevent-2.1-7_2.1.12-stable-8_amd64.deb":
      "ca8858a7095ade7776c9f73437812423a45ccd90de2079e8c34830d291df290f",
  },
  arm64: {
    "p/pgbouncer/pgbouncer_1.18.0-1+deb12u1_arm64.deb":
      "7d76005d6eca8a4930014629873e3968c7919d4ef7264bbf5e270bee004248eb",
    "c/c-ares/libc-ares2_1.18.1-3_arm64.deb": "ea0a1f3c9eae54bae44e7c7b31c5a0ac44d0b949c006653d4d806893f8d94010",
    "libe/libevent/libevent-2.1-7_2.1.12-stable-8_arm64.deb":
      "f8abaf5b501fbe8ab4bf0cd1d1be60b6980265f055d65e32fd90f54b4297d387",
  },
};
const triplets: Readonly<Partial<Record<string, string>>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/** The pooler PgBouncer in `bin/`, with its libraries in `lib/`. */
export const pgbouncerRecipe: Recipe = {
  name: `pgbouncer-${version}`,
  title: `fetching PgBouncer ${version} from Debian (once; half a megabyte)`,
  async build(folder, task) {
    const wanted = process.platform === "linux" ? packages[process.arch] : undefined;
    if (!wanted) throw new Error(`there is no PgBouncer for the tests on ${process.platform}-${process.arch}`);
    const unpacked = join(folder, "unpacked");
    await mkdir(unpacked);
    for (const [file, sha256] of Object.entries(wanted)) {
      task.note(file.split("/").pop() ?? file);
      await unpack(await download(file, sha256), unpacked);
    }
    await cp(join(unpacked, "usr/sbin"), join(folder, "bin"), { recursive: true });
    await cp(join(unpacked, "usr/lib", triplets[process.arch] ?? ""), join(folder, "lib"), {
      recursive: true,
      verbatimSymlinks: true,
    });
    await rm(unpacked, { recursive: true });
    const env = { ...process.env, LD_LIBRARY_PATH: join(folder, "lib") };
    await run(join(folder, "bin", "pgbouncer"), ["--version"], { env });
  },
};

/** @throws Error that says what every mirror said */
async function download(file: string, sha256: string): Promise<Buffer> {
  const said: string[] = [];
  for (const mirror of mirrors) {
    const address = `${mirror}/pool/main/${file}`;
    const answer = await fetch(address).catch((error: Error) => error);
    if (answer instanceof Error) said.push(`${address} was not reached (${answer.message})`);
    else if (!answer.ok) said.push(`${address} says ${answer.status}`);
    else {
      const content = Buffer.from(await answer.arrayBuffer());
      if (createHash("sha256").update(content).digest("hex") === sha256) return content;
      said.push(`${address} is another file than the one whose SHA-256 is in tools/pgbouncer.ts`);
    }
  }
  throw new Error(`the tests with a pooler need PgBouncer from a mirror of Debian: ${said.join("; ")}`);
}

/** Takes `data.tar.xz` out of the archive that a .deb is. @see https://man7.org/linux/man-pages/man5/deb.5.html */
async function unpack(deb: Buffer, folder: string): Promise<void> {
  const tar = findOnPath("tar");
  if (!tar || !findOnPath("xz")) throw new Error("`tar` and `xz` are needed to unpack PgBouncer for the tests");
  for (let at = 8; at < deb.length; ) {
    const name = deb.toString("latin1", at, at + 16).trim();
    const size = Number(deb.toString("latin1", at + 48, at + 58));
    if (name.startsWith("data.tar.xz")) {
      const archive = join(folder, "data.tar.xz");
      await writeFile(archive, deb.subarray(at + 60, at + 60 + size));
      await run(tar, ["-xJf", archive, "-C", folder]);
    }
    at += 60 + size + (size % 2);
  }
}
