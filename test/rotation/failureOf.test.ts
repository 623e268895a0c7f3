import assert from "node:assert/strict";
import { UsageError } from "../../rotation/errors";
import { explained } from "../../rotation/failureOf";

describe("what ended a command", () => {
  const cases: [string, Error, RegExp][] = [
    [
      "a backend that is not there",
      new Error("Command failed: pulumi stack export --stack dev\nerror: unable to open bucket file:///nosuch\n"),
      /^pulumi stack export --stack dev: unable to open bucket file:\/\/\/nosuch\n {2}see whether .* PULUMI_BACKEND_URL/,
    ],
    [
      "no pulumi",
      new Error("code: -2\n stdout: \n stderr: Command failed with ENOENT: pulumi version\nspawn pulumi ENOENT"),
      /^there is no pulumi on the PATH\n {2}install it/,
    ],
    [
      "no credentials",
      Object.assign(new Error("Could not load credentials from any providers"), { name: "CredentialsProviderError" }),
      /credentials from any providers\n {2}log in to AWS/,
    ],
    ["what nobody knows", new Error("something else"), /^something else$/],
    [
      "an error of its own, which says what to do",
      new UsageError("--all: ECONNREFUSED"),
      /^UsageError: --all: ECONNREFUSED$/,
    ],
  ];
  for (const [what, error, text] of cases) {
    it(`is told with what to do about it: ${what}`, () => assert.match(explained(error), text));
  }
});
