/** The code of an error (28P01, ECONNREFUSED …). Its message stays inside: it may quote what it was given. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "UNKNOWN";
  return "code" in error && typeof error.code === "string" ? error.code : "UNKNOWN";
}
