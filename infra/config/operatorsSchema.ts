import { z } from "zod";
import { kubernetesName } from "./secretSchema";

/** A Helm release that the stack makes. */
export interface ReleaseDeclaration {
  readonly version: string;
  readonly namespace: string;
  /** URL of a chart repository; or oci://, below which the registry has the chart under its name. */
  readonly repository: string;
  /** Of the chart, over those that the stack sets. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * The releases that are installed where the configuration names no other.
 *
 * External Secrets is the release that the tests run. Later ones were not run here; the chart of 2.9.0 has the values that the
 * stack sets. Only the newest minor release gets fixes.
 *
 * @see https://external-secrets.io/latest/introduction/stability-support/
 * @see https://github.com/stakater/Reloader/pull/1205 (chart 2.2.16 is Reloader 1.4.21)
 */
export const releaseDefaults = Object.freeze({
  externalSecrets: {
    version: "0.20.4",
    namespace: "external-secrets",
    repository: "https://charts.external-secrets.io",
    values: {},
  },
  reloader: {
    version: "2.2.16",
    namespace: "reloader",
    repository: "https://stakater.github.io/stakater-charts",
    values: {},
  },
}) satisfies Record<string, ReleaseDeclaration>;

function releaseSchema(defaults: ReleaseDeclaration) {
  return z
    .strictObject({
      /** false: somebody else installs it, and the stack makes nothing. */
      install: z.boolean().default(true),
      version: z
        .string()
        .regex(
          /^v?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/,
          "must be one version of the chart, e.g. 1.2.3: a range moves by itself",
        )
        .optional(),
      namespace: kubernetesName.optional(),
      repository: z
        .string()
        .regex(
          /^(https?|oci):\/\/[^\s/]+(\/\S*)?$/,
          "must be the URL of a chart repository (https://…), or the part of an oci://… reference before the chart's name",
        )
        .optional(),
      values: z.record(z.string(), z.unknown()).optional(),
    })
    .check(({ value: { install, ...rest }, issues }) => {
      if (install) return;
      for (const key of Object.keys(rest)) {
        const message = "belongs to a release that the stack makes: leave it out, or install: false";
        issues.push({ code: "custom", input: rest, path: [key], message });
      }
    })
    .transform(({ install, ...given }): ReleaseDeclaration | undefined => {
      if (!install) return undefined;
      const { version = defaults.version, namespace = defaults.namespace, repository = defaults.repository } = given;
      return { version, namespace, repository, values: given.values ?? defaults.values };
    });
}

/** `secret-rotation:operators`: what the stack installs in the cluster for all who use it; undefined: nothing of it. */
export const operatorsSchema = z
  .strictObject({
    externalSecrets: releaseSchema(releaseDefaults.externalSecrets).optional(),
    reloader: releaseSchema(releaseDefaults.reloader).optional(),
  })
  .check(({ value, issues }) => {
    const report = (path: string[], message: string) => issues.push({ code: "custom", input: value, path, message });
    if (Object.keys(value).length === 0) report([], "name an operator: externalSecrets or reloader");
    const reloader = value.reloader?.values.reloader as { autoReloadAll?: unknown } | undefined;
    if (reloader?.autoReloadAll === true) {
      report(
        ["reloader", "values", "reloader", "autoReloadAll"],
        "would restart each workload a second time, beside the rotation: annotate the workloads that Reloader is to restart",
      );
    }
  });

export type OperatorsDeclaration = z.output<typeof operatorsSchema>;
