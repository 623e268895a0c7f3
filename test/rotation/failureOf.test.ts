import assert from "node:assert/strict";
import { inspect } from "node:util";
import { UsageError } from "../../rotation/errors";
import { explained, failureOf } from "../../rotation/failureOf";

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
    [
      "a configuration that is too large for Pulumi",
      new Error("Command failed: pulumi up --stack dev\nerror: spawn E2BIG\n"),
      /^pulumi up --stack dev: spawn E2BIG\n {2}.* 128 KiB: move declarations into files \(secret-rotation:secretFiles\)$/,
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

describe("the failure of a step", () => {
  it("tells nothing of what could not be parsed", () => {
    let error: unknown;
    try {
      JSON.parse("KqYsUvYJ7Q-hunter2");
    } catch (thrown) {
      error = thrown;
    }
    assert.match(String(error), /KqYsUvYJ7Q/);
    const failure = failureOf(error, { secret: "one", step: "sync" });
    assert.match(failure.message, /^one: sync: SyntaxError: something that was read/);
    assert.doesNotMatch(inspect(failure, { depth: 9, showHidden: true }), /KqYs/);
    assert.doesNotMatch(explained(error), /KqYs/);
  });
});
