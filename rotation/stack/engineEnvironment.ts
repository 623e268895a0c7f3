/**
 * What of the driver's environment its engine, the providers and the policies get: what they need to reach the backend, AWS,
 * the cluster and each other. All else stays here: a variable such as PULUMI_DEBUG_GRPC or TF_LOG would have them write
 * down whatever they are given, values too.
 */
const passed: readonly RegExp[] = [
  // The system's.
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|TZ|LANG|LC_\w+|XDG_\w+)$/,
  /^(SystemRoot|SystemDrive|ComSpec|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|ProgramData)$/i,
  // The network's.
  /^(https?|no|all)_proxy$/i,
  /^(SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/,
  // The runtimes'.
  /^(NODE_PATH|NODE_COMPILE_CACHE|GOGC|GOMEMLIMIT|GOMAXPROCS)$/,
  // Backend, secrets provider and plugins.
  /^PULUMI_(HOME|BACKEND_URL|ACCESS_TOKEN|CONFIG_PASSPHRASE(_FILE)?|API|ORGANIZATION)$/,
  /^PULUMI_(SKIP_UPDATE_CHECK|DISABLE_AUTOMATIC_PLUGIN_ACQUISITION|IGNORE_AMBIENT_PLUGINS|DEBUG_PROVIDERS)$/,
  /^PULUMI_(DIY_BACKEND|SELF_MANAGED_STATE|K8S)_\w+$/,
  // Whom they are: AWS, Kubernetes and what its kubeconfig runs, and the clouds that a backend or a key may lie in.
  /^(AWS|AZURE|ARM|GOOGLE|CLOUDSDK|VAULT)_\w+$/,
  /^(KUBECONFIG|KUBERNETES_SERVICE_(HOST|PORT)|USE_GKE_GCLOUD_AUTH_PLUGIN)$/,
  // A tunnel or an agent that a kubeconfig's command goes through.
  /^(SSH_AUTH_SOCK|SSH_AGENT_PID)$/,
  /^SECRET_ROTATION_\w+$/,
  // By which GitHub's runner finds, and ends, what a job has left running.
  /^RUNNER_TRACKING_ID$/,
];

/** Names, with commas between them, of what a kubeconfig's own command needs beside that. */
export const alsoPassed = "SECRET_ROTATION_PASS_ENV";

/**
 * The variables of an environment that an engine does not get, each as undefined: laid over the environment, they take them
 * out of it.
 *
 * @example engineEnvironment({ PATH: "/bin", TF_LOG: "TRACE" }) // { TF_LOG: undefined }
 */
export function engineEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, undefined> {
  const also = new Set((env[alsoPassed] ?? "").split(",").map((name) => name.trim()));
  const kept = (name: string) => also.has(name) || passed.some((pattern) => pattern.test(name));
  return Object.fromEntries(Object.keys(env).flatMap((name) => (kept(name) ? [] : [[name, undefined]])));
}

const lazyPackages = `--require=${JSON.stringify(require.resolve("../../policies/lazyPackages.js"))}`;

/**
 * What starts the process that judges the policies faster: Pulumi's runner loads its SDK before it loads the pack.
 *
 * @param denied  what `engineEnvironment` takes out
 */
export function fastPack(denied: object, { NODE_OPTIONS: given }: NodeJS.ProcessEnv = process.env) {
  const own = "NODE_OPTIONS" in denied || !given ? [] : [given];
  return { NODE_OPTIONS: [...own, lazyPackages].join(" ") };
}
