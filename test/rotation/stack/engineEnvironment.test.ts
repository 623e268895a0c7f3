import assert from "node:assert/strict";
import { engineEnvironment, fastPack } from "../../../rotation/stack/engineEnvironment";

const deniedOf = (...names: string[]) =>
  Object.keys(engineEnvironment(Object.fromEntries(names.map((name) => [name, "x"]))));

describe("the environment of the driver's engines", () => {
  it("has what leads to the backend, AWS and the cluster", () => {
    const needed = ["PATH", "HOME", "PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "AWS_PROFILE"];
    assert.deepEqual(
      deniedOf(
        ...needed,
        "KUBECONFIG",
        "HTTPS_PROXY",
        "https_proxy",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "RUNNER_TRACKING_ID",
      ),
      [],
    );
  });

  it("has nothing that would have it write down what it is given, nor what is none of its business", () => {
    const others = ["PULUMI_DEBUG_GRPC", "PULUMI_DEBUG_COMMANDS", "TF_LOG", "TF_LOG_PATH", "NODE_OPTIONS", "GODEBUG"];
    const foreign = ["GITHUB_TOKEN", "PGPASSWORD", "SOME_API_KEY"];
    assert.deepEqual(deniedOf(...others, ...foreign), [...others, ...foreign]);
  });

  it("has what SECRET_ROTATION_PASS_ENV names", () => {
    const env = { SECRET_ROTATION_PASS_ENV: "OKTA_HOME, ACME", OKTA_HOME: "x", ACME: "x", OTHER: "x" };
    assert.deepEqual(engineEnvironment(env), { OTHER: undefined });
  });

  it("has Node's options of its own, after those that SECRET_ROTATION_PASS_ENV names", () => {
    const given = { NODE_OPTIONS: "--no-warnings" };
    const optionsOf = (env: NodeJS.ProcessEnv) => fastPack(engineEnvironment(env), env).NODE_OPTIONS;
    assert.match(optionsOf(given), /^--require="[^"]+lazyPackages\.js"$/);
    const passed = optionsOf({ ...given, SECRET_ROTATION_PASS_ENV: "NODE_OPTIONS" });
    assert.match(passed, /^--no-warnings --require="[^"]+lazyPackages\.js"$/);
  });
});
