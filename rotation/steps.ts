/** The steps of one secret's rotation, in their order. */
export const steps = [
  "check",
  "create",
  "set",
  "test",
  "finish",
  "sync",
  "rollout",
  "verify",
  "retire",
  "settle",
] as const;
export type Step = (typeof steps)[number];
