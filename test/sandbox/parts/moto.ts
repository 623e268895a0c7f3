import { join } from "node:path";
import type { Part } from "../process/parts";
import { answers } from "./http";

/** What whoever starts the sandbox sets to `enforced`, so that IAM's policies are. */
export const iamVariable = "SANDBOX_IAM";
/** The file that then gets a line of JSON for each permission that was used. */
export const iamLogVariable = "MOTO_IAM_LOG";

/** The AWS endpoints: moto's server. */
export function motoPart(python: string, port: number, env: NodeJS.ProcessEnv = process.env): Part {
  const { [iamVariable]: iam, [iamLogVariable]: log } = env;
  const server = join(__dirname, iam === "enforced" ? "motoWithIam.py" : "motoServer.py");
  return {
    name: "moto",
    command: python,
    args: [server, "-H", "127.0.0.1", "-p", String(port)],
    ...(log !== undefined && { env: { [iamLogVariable]: log } }),
    ready: () => answers(`http://127.0.0.1:${port}/moto-api/`),
  };
}
