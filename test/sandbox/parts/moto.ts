import type { Part } from "../process/parts";
import { answers } from "./http";

/** The AWS endpoints: moto's server. */
export function motoPart(python: string, port: number): Part {
  return {
    name: "moto",
    command: python,
    args: ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
    ready: () => answers(`http://127.0.0.1:${port}/moto-api/`),
  };
}
