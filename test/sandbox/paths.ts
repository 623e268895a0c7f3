import { delimiter, dirname, join, resolve } from "node:path";

/** The clone this file is in. */
export const repository = resolve(__dirname, "..", "..");

/** Arguments that let `node` run a TypeScript file from any working directory. */
export const typescriptArgs: readonly string[] = ["-r", join(repository, "policies/typescript.js")];

/** Where the sandbox lives unless told otherwise: `.sandbox` in the clone, or $SECRET_ROTATION_SANDBOX_DIR. */
export function sandboxDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.SECRET_ROTATION_SANDBOX_DIR || join(repository, ".sandbox"));
}

/** The paths of what a sandbox keeps in its directory. */
export function sandboxPaths(dir: string) {
  return {
    dir,
    env: join(dir, "env"),
    state: join(dir, "sandbox.json"),
    parts: join(dir, "parts.json"),
    registry: join(dir, "processes.jsonl"),
    bin: join(dir, "bin"),
    logs: join(dir, "logs"),
    pods: join(dir, "pods"),
    podLogs: join(dir, "logs", "pods"),
    kubernetes: join(dir, "kubernetes"),
    kubeconfig: join(dir, "kubeconfig"),
    etcd: join(dir, "etcd"),
    postgres: join(dir, "postgres"),
    postgresCertificate: join(dir, "postgres.crt"),
    pulumiHome: join(dir, "pulumi-home"),
    pulumiState: join(dir, "pulumi-state"),
    log: (part: string) => join(dir, "logs", `${part}.log`),
  } as const;
}

/** What is removed when a sandbox has ended, the file that says it runs last; the logs stay. */
export function removedAtEnd(paths: SandboxPaths): string[] {
  const { env, parts, pods, bin, kubernetes, kubeconfig, etcd, postgres, postgresCertificate } = paths;
  const rest = [paths.pulumiHome, paths.pulumiState, paths.registry, paths.state];
  return [env, parts, pods, bin, kubernetes, kubeconfig, etcd, postgres, postgresCertificate, ...rest];
}

export type SandboxPaths = ReturnType<typeof sandboxPaths>;

/** The PATH of the sandbox's own processes: the Node that runs this first. */
export function nodeFirst(path: string | undefined): string {
  return [dirname(process.execPath), path].filter(Boolean).join(delimiter);
}
