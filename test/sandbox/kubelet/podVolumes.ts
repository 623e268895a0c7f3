import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { V1Container, V1Pod, V1Volume } from "@kubernetes/client-node";
import { NotStartable, unsupported } from "./podError";
import type { ReadSecret } from "./secretReader";
import { volumeFiles, writeVolume } from "./secretVolume";

// The API server adds this volume, with a token for the API, to every pod. Pods get no token here.
const isApiAccess = ({ projected }: V1Volume) =>
  projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken) ?? false;

/** The folders of one pod: its volumes, and for each container a root below which they are mounted. */
export class PodVolumes {
  constructor(
    private readonly folder: string,
    private readonly pod: V1Pod,
    private readonly readSecret: ReadSecret,
  ) {}

  root(container: string): string {
    return join(this.folder, "containers", container);
  }

  /** The names of the Secrets that volumes show. */
  secretNames(): string[] {
    return this.#volumes().flatMap(({ secret }) => secret?.secretName ?? []);
  }

  /** Makes all volumes and mounts. @throws NotStartable as long as a Secret or key is missing */
  async setUp(): Promise<void> {
    for (const volume of this.#volumes()) await this.#write(volume);
    const { initContainers = [], containers = [] } = this.pod.spec ?? {};
    for (const container of [...initContainers, ...containers]) await this.#mount(container);
  }

  /** Brings the files of the Secret volumes up to date. A Secret that is gone leaves its files as they are. */
  async refresh(): Promise<void> {
    for (const volume of this.#volumes().filter(({ secret }) => secret)) {
      await this.#write(volume).catch((error: unknown) => {
        if (!(error instanceof NotStartable)) throw error;
      });
    }
  }

  #volumes(): V1Volume[] {
    return (this.pod.spec?.volumes ?? []).filter((volume) => !isApiAccess(volume));
  }

  async #write({ name, secret, emptyDir }: V1Volume): Promise<void> {
    const folder = join(this.folder, "volumes", name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (secret) await writeVolume(folder, volumeFiles(secret, await this.readSecret(secret.secretName ?? "")));
    else if (!emptyDir) throw unsupported(`the kind of the volume ${name}`);
  }

  async #mount(container: V1Container): Promise<void> {
    const root = this.root(container.name);
    await mkdir(root, { recursive: true, mode: 0o700 });
    const known = new Set(this.#volumes().map(({ name }) => name));
    for (const { name, mountPath, subPath } of container.volumeMounts ?? []) {
      if (!known.has(name)) continue;
      if (subPath) throw unsupported("subPath");
      const path = join(root, mountPath);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await symlink(join(this.folder, "volumes", name), path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error; // mounted by an earlier try
      });
    }
  }
}
