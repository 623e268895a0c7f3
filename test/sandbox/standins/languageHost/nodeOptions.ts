import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";

/** `runtime.options` of Pulumi.yaml or PulumiPolicy.yaml, as far as they matter to a child process. */
export interface NodeOptions {
  /** Where the project is. */
  readonly directory: string;
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function nodeOptions(info: ProgramInfo | undefined): NodeOptions {
  const options = info?.getOptions()?.toJavaScript() ?? {};
  const { typescript, tsconfig, nodeargs } = options;
  return {
    directory: info?.getProgramDirectory() ?? process.cwd(),
    nodeArgs: String(nodeargs ?? "")
      .split(/\s+/)
      .filter(Boolean),
    env: {
      ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
      ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
    },
  };
}

/** A file of the SDK that the project itself uses. */
export function sdkFile(file: string, directory: string): string {
  return require.resolve(`@pulumi/pulumi/${file}`, { paths: [directory] });
}
