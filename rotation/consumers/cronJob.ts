import type { DrivenKind } from "./kubernetesKind";

/** Nothing is restarted: each job reads what is there when its pod starts. Pods that began before are waited for. */
export const cronJob: DrivenKind = {
  kind: "CronJob",
  about: "its next job takes the new value; jobs that run with the older one are awaited",
  api: { group: "batch", version: "v1", plural: "cronjobs" },
  restart: "none",
  isListed: true,
  template: ({ spec }) => spec?.jobTemplate?.spec?.template,
  waitsFor: () => undefined,
  downtime: () => undefined,
  heldBack: () => undefined,
};
