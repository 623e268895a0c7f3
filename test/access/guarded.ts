import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { STS } from "@aws-sdk/client-sts";
import { KubeConfig, RbacAuthorizationV1Api, type V1PolicyRule } from "@kubernetes/client-node";
import { ownSecretStoreName } from "../../infra/names";
import { cliAs, type Finished } from "../integration/cli";
import { ProjectFolder } from "../policies/engine";
import { iamLogVariable, iamVariable } from "../sandbox/parts/moto";
import { providersPart } from "../sandbox/parts/providers";
import { type Sandbox, startSandbox } from "../sandbox/sandbox";
import { startBeside } from "../sandbox/testing/partBeside";
import { account, clusterIssuer, reader, region, repository, stack, uploader } from "./names";
import { seedAws, seedCluster } from "./seeds";

/** Somebody with the credentials of one role. */
export interface Identity {
  readonly env: NodeJS.ProcessEnv;
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
}

/** A permission that somebody used. */
export interface Used {
  readonly arn: string;
  readonly action: string;
}

/** A sandbox of its own, whose AWS enforces IAM, with a stack that has made its roles. Its parts work as these roles. */
export interface Guarded {
  readonly sandbox: Sandbox;
  readonly folder: ProjectFolder;
  /** Without limits. */
  readonly admin: { readonly iam: IAM; readonly secretsManager: SecretsManager };
  /** A client's options, for calls by hand. */
  readonly client: { readonly endpoint: string; readonly region: string };
  /** What a job of the repository in a GitHub environment gets. */
  assume(role: string, githubEnvironment: string): Promise<Identity>;
  driver(as: Identity, ...args: string[]): Promise<Finished>;
  used(): readonly Used[];
  /** Takes a verb from the rule of a resource in the stack's Kubernetes Role. @returns what gives it back */
  withoutRule(resource: string, verb: string): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

const declared = {
  "aws:region": region,
  "secret-rotation:serviceAccount": reader,
  "secret-rotation:alarms": {},
  "secret-rotation:backup": { bucket: "guarded-backups" },
  "secret-rotation:audit": { s3: { bucket: "guarded-audit" }, cloudWatchLogs: { logGroup: "/guarded/rotation" } },
  "secret-rotation:access": {
    github: { repository },
    operator: { irsa: { issuer: clusterIssuer } },
    kubernetes: { subjects: [{ kind: "ServiceAccount", name: "rotator", namespace: stack }] },
    state: { backend: "s3://guarded-state", secretsProvider: `awskms://alias/guarded-state?region=${region}` },
  },
  "secret-rotation:secrets": [
    {
      ...{ name: "shop/key", kind: "app", kmsKeyId: "alias/guarded-secrets", syncTimeout: "15s" },
      externalSecret: { target: "key", keys: [{ key: "KEY" }] },
      consumers: [{ namespace: stack, name: "web", takes: "env" }],
    },
    {
      ...{ name: "shop/uploader", kind: "api-key", syncTimeout: "15s" },
      externalSecret: { target: "uploader", keys: [{ key: "KEY", property: "key" }], namespaces: [stack] },
      "api-key": { issuer: { iam: { user: uploader } }, order: "immediate", gracePeriod: "0s" },
    },
    {
      ...{ name: "shop/orders", kind: "database", kmsKeyId: "alias/guarded-secrets", syncTimeout: "15s" },
      externalSecret: {
        target: "orders",
        keys: ["username", "password"].map((key) => ({ key, property: key })),
        namespaces: [stack],
      },
      database: {
        ...{ dbname: "shop", superuserSecret: "dev/postgres/superuser", tls: "disable", gracePeriod: "0s" },
        ...{ roles: ["guarded_a", "guarded_b"], groupRole: "guarded" },
      },
    },
    {
      ...{ name: "shop/remote", kind: "app" },
      consumers: [
        { kind: "EcsService", cluster: stack, name: "web" },
        { kind: "LambdaFunction", name: "called" },
        { kind: "LambdaFunction", name: "released", alias: "live" },
      ],
    },
  ],
};

export async function startGuarded(): Promise<Guarded> {
  const logFolder = mkdtempSync(join(tmpdir(), "secret-rotation-iam-"));
  const log = join(logFolder, "used");
  writeFileSync(log, "");
  const sandbox = await startSandbox({ env: { [iamVariable]: "enforced", [iamLogVariable]: log } });
  const endpoint = sandbox.env.AWS_ENDPOINT_URL ?? "";
  const client = { endpoint, region };
  const root = { ...client, credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" } };
  const admin = { iam: new IAM(root), secretsManager: new SecretsManager(root) };
  await seedAws(root, admin.iam);
  const backend = `s3://guarded-state?region=${region}&endpoint=${new URL(endpoint).host}&disableSSL=true&s3ForcePathStyle=true`;
  const env = { ...process.env, ...sandbox.env, PULUMI_BACKEND_URL: backend };
  const kubeconfig = await seedCluster(sandbox);
  const folder = new ProjectFolder(env);
  folder.copyRepository();
  writeFileSync(join(folder.dir, `Pulumi.${stack}.yaml`), JSON.stringify({ config: declared }));
  await pulumi(
    folder,
    "stack",
    "init",
    stack,
    "--secrets-provider",
    declared["secret-rotation:access"].state.secretsProvider,
  );
  await pulumi(folder, "up", "--yes", "--skip-preview", "--stack", stack);
  return {
    ...{ sandbox, folder, admin, client },
    async assume(role, githubEnvironment) {
      const subject = `repo:${repository}:environment:${githubEnvironment}`;
      const claims = { iss: "https://token.actions.githubusercontent.com", aud: "sts.amazonaws.com", sub: subject };
      const part = (object: object) => Buffer.from(JSON.stringify(object)).toString("base64url");
      const { Credentials: given } = await new STS(client).assumeRoleWithWebIdentity({
        RoleArn: `arn:aws:iam::${account}:role/${role}`,
        RoleSessionName: "job",
        WebIdentityToken: `${part({ alg: "none" })}.${part(claims)}.`,
      });
      const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = given ?? {};
      const keys = {
        AWS_ACCESS_KEY_ID: AccessKeyId,
        AWS_SECRET_ACCESS_KEY: SecretAccessKey,
        AWS_SESSION_TOKEN: SessionToken,
      };
      const provider = await startBeside(sandbox, {
        ...providersPart({ ...awsOf(sandbox.env), ...keys }),
        name: `providers-${role}`,
      });
      const [, port] = /\{"aws":(\d+)\}/.exec(readFileSync(provider.log, "utf8")) ?? [];
      return {
        env: { ...env, ...keys, KUBECONFIG: kubeconfig, PULUMI_DEBUG_PROVIDERS: `aws:${port}` },
        credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      };
    },
    driver: (as, ...args) => cliAs(as.env, folder.dir, ...args, "--stack", stack).finished,
    used: () =>
      readFileSync(log, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Used),
    async withoutRule(resource, verb) {
      const config = new KubeConfig();
      config.loadFromFile(sandbox.env.KUBECONFIG ?? "");
      const rbac = config.makeApiClient(RbacAuthorizationV1Api);
      const at = { namespace: stack, name: ownSecretStoreName(stack) };
      const { rules = [] } = await rbac.readNamespacedRole(at);
      const set = async (to: V1PolicyRule[]) => {
        const found = await rbac.readNamespacedRole(at);
        await rbac.replaceNamespacedRole({ ...at, body: { ...found, rules: to } });
      };
      const less = ({ resources = [], verbs, ...rest }: V1PolicyRule) => ({
        ...{ ...rest, resources },
        verbs: resources.includes(resource) ? verbs.filter((one) => one !== verb) : verbs,
      });
      await set(rules.map(less).filter(({ verbs }) => verbs.length > 0));
      return () => set(rules);
    },
    async stop() {
      folder.remove();
      await sandbox.stop();
      rmSync(logFolder, { recursive: true });
    },
  };
}

async function pulumi(folder: ProjectFolder, ...args: string[]): Promise<void> {
  const { code, output } = await folder.pulumi(...args);
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")}:\n${output}`);
}

function awsOf(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("AWS_")));
}
