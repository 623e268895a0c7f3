import assert from "node:assert/strict";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { Ports } from "../../rotation/ports";
import { openPorts } from "../../rotation/ports/openPorts";
import { type SecretDescription, versionWith } from "../../rotation/ports/secretsManager";
import { openStack } from "../../rotation/stack/openStack";
import { testCa } from "../certificates/testCa";
import { AwsProxy } from "../faults/awsProxy";
import { createProject, type Project, region } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { type Issuer, startIssuer } from "../issuer/startIssuer";
import type { Sandbox } from "../sandbox/sandbox";
import { sharedSandbox } from "../sandbox/shared";
import { KindClients } from "./clients";
import { declaredKinds, type KindName, kindNames, serviceName } from "./declared";
import { kindsObjects } from "./manifests";

/** A stack with a secret of each kind, all of them rotated once, and the service that lives by them. */
export interface KindsSite {
  readonly project: string;
  readonly stack: string;
  readonly sandbox: Sandbox;
  readonly kubeconfig: KubeConfig;
  readonly ports: Ports;
  readonly secrets: readonly SecretDeclaration[];
  readonly issuer: Issuer;
  /** The driver's way to the issuer of each API key. */
  readonly issuers: Readonly<Record<"acme" | "mailer", AwsProxy>>;
  readonly cluster: Workloads;
  readonly clients: KindClients;
  live(name: KindName): Promise<SecretDescription>;
  /** With this staging label; undefined: none has it. */
  value(name: KindName, label: string): Promise<string | undefined>;
  /** Has the CA replaced by a new one. @returns its certificate, PEM */
  replaceCa(): Promise<string>;
  /** Clients trust from now on what the service's Kubernetes Secret says. */
  takeBundle(): Promise<void>;
  /** A plain `pulumi up`; its operations. */
  up: Project["up"];
  close(): Promise<void>;
}

const token = (account: string) => `token-of-the-account-${account}`;

/** In the sandbox that the tests of this process share. */
export async function startKinds(stack: string): Promise<KindsSite> {
  const [issuer, project, ca] = await Promise.all([startIssuer(), createProject(stack), testCa()]);
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromDefault();
  const aws = new SecretsManagerClient({ region });
  const caSecret = `${stack}-ca`;
  const admins = { acme: `${stack}-acme-admin`, mailer: `${stack}-mailer-admin` };
  await aws.send(new CreateSecretCommand({ Name: caSecret, SecretString: ca.secret }));
  for (const account of ["acme", "mailer"] as const) {
    await issuer.open(account, token(account));
    await aws.send(new CreateSecretCommand({ Name: admins[account], SecretString: token(account) }));
  }
  const issuers = { acme: await AwsProxy.start(issuer.url), mailer: await AwsProxy.start(issuer.url) };
  const urls = { acme: issuers.acme.endpoint, mailer: issuers.mailer.endpoint };
  project.declare(declaredKinds({ namespace: stack, issuers: urls, admins, caSecret }));
  const cluster = workloads();
  await cluster.createNamespace(stack);
  const objects = KubernetesObjectApi.makeApiClient(kubeconfig);
  for (const object of kindsObjects(stack, issuer.url)) await objects.create(object);
  await project.up();
  for (const { secret, error } of (await project.rotate(kindNames)).secrets)
    assert.equal(error?.message, undefined, secret);
  await cluster.rolledOut(stack, serviceName);
  const { config } = await openStack(stack, project.folder);
  const ports = await openPorts(config);
  let trusted = ca.pem;
  const site: KindsSite = {
    ...{ project: project.folder, stack, sandbox: await sharedSandbox(), kubeconfig, ports, issuer, issuers, cluster },
    secrets: config.secrets,
    clients: new KindClients(kubeconfig, stack, () => trusted),
    async live(name) {
      const found = await ports.secretsManager.describe(`${stack}/${name}`);
      assert.ok(found, name);
      return found;
    },
    async value(name, label) {
      const id = versionWith(label, await site.live(name));
      return id === undefined ? undefined : ports.secretsManager.value(`${stack}/${name}`, id);
    },
    async replaceCa() {
      const next = await testCa({ name: "Next CA" });
      await aws.send(new PutSecretValueCommand({ SecretId: caSecret, SecretString: next.secret }));
      return next.pem;
    },
    async takeBundle() {
      trusted = (await cluster.secretData(stack, "web-tls"))["ca.crt"] ?? "";
    },
    up: project.up,
    async close() {
      await site.clients.stop();
      await Promise.all([issuers.acme.stop(), issuers.mailer.stop()]);
      await issuer.stop();
      aws.destroy();
      project.remove();
    },
  };
  await site.clients.start();
  return site;
}
