// Installs everything that the sandbox needs, without starting it.
import "../runtime";
import { installTools } from "./index";
import { createProgress } from "./progress";

installTools(createProgress()).then(
  ({ choices }) => console.log(`The sandbox's tools are ready.\n${choices.map((line) => `  ${line}`).join("\n")}`),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
