import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createServer, type TLSSocket } from "node:tls";
import { KMSClient } from "@aws-sdk/client-kms";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { tls } from "../../rotation/ports/tls";
import { type CertificateValue, certificateIn } from "../../rotation/rotators/certificate/value";
import { openStack } from "../../rotation/stack/openStack";
import { isDue, statusOf } from "../../rotation/status/status";
import { type DnsServer, dnsServer } from "../certificates/dnsServer";
import { shakeHands, type Target } from "../certificates/handshakes";
import { kmsCa } from "../certificates/kmsCa";
import { type Pebble, startPebble } from "../certificates/pebble";
import { type TestCa, testCa } from "../certificates/testCa";
import { typescriptArgs } from "../sandbox/paths";
import { waitFor } from "../sandbox/process/waitFor";
import { createProject, only, type Project, region } from "./project";
import { type Workloads, workloads } from "./workloads";

const stack = "certificates";
const name = "tls";
const serverName = "web.shop.test";
const caName = `${stack}-ca`;
const port = 8443;
const day = 86_400_000;

describe("certificates", function () {
  this.timeout(600_000);
  let project: Project;
  let cluster: Workloads;
  let core: CoreV1Api;
  let ca: TestCa;
  const aws = () => new SecretsManagerClient({ region });
  const manager = () => realPorts({ region }).secretsManager;
  const live = async () => {
    const found = await manager().describe(`${stack}/${name}`);
    assert.ok(found);
    return found;
  };
  const current = async (): Promise<CertificateValue> => {
    const id = versionWith("AWSCURRENT", await live());
    const found = certificateIn(id && (await manager().value(`${stack}/${name}`, id)));
    assert.ok(found);
    return found;
  };
  const putSecret = (Name: string, SecretString: string) => aws().send(new CreateSecretCommand({ Name, SecretString }));
  const putCa = (secret: string) => aws().send(new PutSecretValueCommand({ SecretId: caName, SecretString: secret }));
  const declare = (parameters: object = {}, consumers: readonly object[] = []) =>
    project.declare([
      {
        name,
        kind: "certificate",
        externalSecret: {
          target: "web-tls",
          type: "kubernetes.io/tls",
          keys: [
            { key: "tls.crt", property: "certificate" },
            { key: "tls.key", property: "privateKey" },
            { key: "ca.crt", property: "ca" },
          ],
          namespaces: [stack],
        },
        consumers,
        certificate: { names: [serverName], ca: { secret: caName }, ...parameters },
      },
    ]);
  const pods = async (): Promise<readonly Target[]> => {
    const { items } = await core.listNamespacedPod({ namespace: stack, labelSelector: "app=web" });
    const ready = items.filter(
      ({ metadata, status }) =>
        !metadata?.deletionTimestamp &&
        status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
    );
    return ready.flatMap(({ status }) => (status?.podIP ? [{ address: status.podIP, port }] : []));
  };
  const bothReady = () =>
    waitFor(
      "both servers to be ready",
      async () => {
        const found = await pods();
        return found.length === 2 && found;
      },
      { timeoutMs: 120_000, intervalMs: 200 },
    );
  const servedBy = async ({ address }: Target) => tls.ask({ address, port, serverName, ca: ca.pem });
  const rotate = async () => only(await project.rotate([name]));

  /** Brings a new issuer, while clients that come to each bundle when its run has ended shake hands with the servers. */
  const inThreeRuns = async (servers: readonly Target[], trustedBefore: string) => {
    const { serial: older } = await current();
    let trusted = trustedBefore;
    const clients = shakeHands(
      () => servers,
      serverName,
      () => trusted,
    );
    const run = async (wanted: string, phase: string) => {
      const { outcome, error } = await rotate();
      assert.deepEqual([outcome, error?.message], [wanted, undefined]);
      const value = await current();
      trusted = (await cluster.secretData(stack, "web-tls"))["ca.crt"] ?? "";
      assert.equal(trusted, value.ca);
      for (const { address } of servers) {
        const seen = await tls.ask({ address, port, serverName, ca: trusted });
        assert.deepEqual(seen, { serial: value.serial, refused: undefined });
      }
      assert.equal((await live()).tags.phase, phase);
      return value;
    };
    const prepared = await run("prepared", "prepare");
    const activated = await run("rotated", "activate");
    const retired = await run("retired", "retire");
    const { failed, serials } = await clients.end();
    assert.deepEqual(failed, []);
    assert.deepEqual(serials, [older, activated.serial]);
    assert.equal(retired.serial, activated.serial);
    return { prepared, activated, retired };
  };

  before(async () => {
    [project, ca] = await Promise.all([createProject(stack), testCa()]);
    await putSecret(caName, ca.secret);
    cluster = workloads();
    const config = new KubeConfig();
    config.loadFromDefault();
    core = config.makeApiClient(CoreV1Api);
    await cluster.createNamespace(stack);
    const server = join(__dirname, "../certificates/tlsServer.ts");
    const command = [process.execPath, ...typescriptArgs, server, "etc/tls", String(port)];
    await cluster.deploy(stack, "web", {
      command,
      volume: { secret: "web-tls", path: "/etc/tls" },
      tcpPort: port,
      graceSeconds: 20,
    });
    declare();
    await project.up();
    const { outcome, error } = await rotate();
    assert.equal(outcome, "rotated", error?.message);
  });
  after(() => project.remove());

  it("comes into Kubernetes as type kubernetes.io/tls, and its tags say when it ends and is to be renewed", async () => {
    const { type, data } = await core.readNamespacedSecret({ namespace: stack, name: "web-tls" });
    assert.equal(type, "kubernetes.io/tls");
    assert.deepEqual(Object.keys(data ?? {}).sort(), ["ca.crt", "tls.crt", "tls.key"]);
    const { notAfter } = await current();
    const { tags } = await live();
    assert.equal(tags["not-after"], notAfter);
    const leftDays = (Date.parse(notAfter) - Date.parse(tags["renew-from"] ?? "")) / day;
    assert.ok(Math.abs(leftDays - 30) < 0.1, String(leftDays));
    assert.deepEqual(await project.up(), [], "nothing is left to do");
  });

  it("status says the days left, and --due takes it when a third is left", async () => {
    const { config } = await openStack(stack, project.folder);
    const statusIn = async (days: number) => {
      const clock = { now: () => new Date(Date.now() + days * day) };
      const [found] = await statusOf(config, { secretsManager: manager(), clock }, {}, 0);
      assert.ok(found);
      return { days: found.daysToExpiry, policy: found.due?.policy, isDue: isDue(found) };
    };
    assert.deepEqual(await statusIn(0), { days: 90, policy: "certificate-expiry", isDue: false });
    assert.deepEqual(await statusIn(59), { days: 31, policy: "certificate-expiry", isDue: false });
    assert.deepEqual(await statusIn(61), { days: 29, policy: "certificate-expiry", isDue: true });
  });

  it("servers that read their files again get the new one under load, without a restart and without a failed handshake", async () => {
    const [servers, before] = [await bothReady(), await current()];
    declare({ endpoints: servers.map(({ address }) => ({ host: address, port, serverName })) });
    const clients = shakeHands(
      () => servers,
      serverName,
      () => ca.pem,
    );
    const { outcome, error } = await rotate();
    const { count, failed, serials } = await clients.end();
    assert.equal(outcome, "rotated", error?.message);
    const { serial } = await current();
    assert.deepEqual(failed, []);
    assert.deepEqual(serials, [before.serial, serial]);
    assert.ok(count > 20, String(count));
    for (const server of servers) assert.deepEqual(await servedBy(server), { serial, refused: undefined });
    assert.equal(await cluster.rollouts(stack, "web"), 1, "nothing was restarted");
  });

  it("a CA that has expired, or may not sign, is refused before anything is written; the old one is served on", async () => {
    const [found, servers] = [await live(), await bothReady()];
    for (const [bad, says] of [
      [await testCa({ days: -1 }), /has expired/],
      [await testCa({ isCa: false }), /may not sign/],
    ] as const) {
      await putCa(bad.secret);
      const { outcome, error } = await rotate();
      assert.deepEqual([outcome, error?.code, error?.step], ["failed", "ROTATOR_FAILED", "check"]);
      assert.match(error?.message ?? "", says);
    }
    await putCa(ca.secret);
    assert.deepEqual(await live(), found);
    const { serial } = await current();
    for (const server of servers) assert.deepEqual(await servedBy(server), { serial, refused: undefined });
  });

  it("a server that goes on with the old one fails the rotation at its end; the next run finishes it when it serves the new one", async () => {
    const before = await current();
    const stubborn = createServer({ cert: before.certificate, key: before.privateKey }, (socket: TLSSocket) =>
      socket.end(),
    );
    await new Promise<void>((resolve) => stubborn.listen(0, "127.0.0.1", resolve));
    const at = stubborn.address() as { port: number };
    declare({ endpoints: [{ host: "127.0.0.1", port: at.port, serverName }], servedWithin: "1s" });
    const failed = await rotate();
    assert.deepEqual(
      [failed.outcome, failed.error?.code, failed.error?.step],
      ["failed", "CREDENTIAL_REFUSED", "verify"],
    );
    const { serial, certificate: cert, privateKey: key } = await current();
    assert.match(failed.error?.message ?? "", new RegExp(`serves the certificate ${before.serial}`));
    assert.notEqual(serial, before.serial);
    stubborn.setSecureContext({ cert, key });
    assert.equal((await rotate()).outcome, "resumed");
    assert.equal((await current()).serial, serial, "no second one was made");
    stubborn.close();
  });

  it("servers that are restarted for it: no handshake fails either", async () => {
    declare({}, [{ namespace: stack, name: "web", takes: "volume" }]);
    await project.up();
    let ready = await bothReady();
    let isOver = false;
    // One look after the other: an older one would bring back a server that has ended.
    const watch = async () => {
      while (!isOver) {
        ready = await pods();
        await delay(50);
      }
    };
    const watching = watch();
    const clients = shakeHands(
      () => ready,
      serverName,
      () => ca.pem,
    );
    const { outcome, error } = await rotate();
    const { failed, serials } = await clients.end();
    isOver = true;
    await watching;
    assert.equal(outcome, "rotated", error?.message);
    assert.deepEqual(failed, []);
    assert.equal(serials.at(-1), (await current()).serial);
    assert.equal(await cluster.rollouts(stack, "web"), 2);
  });

  it("a new CA, whose key is in KMS, comes in three runs, each seen at the socket, and no client is refused meanwhile", async () => {
    const servers = await bothReady();
    const at = servers.map(({ address }) => ({ host: address, port, serverName }));
    const [before, next] = [await current(), await kmsCa(new KMSClient({ region }))];
    declare({ endpoints: at, rolloverWait: "0s", ca: { secret: caName, kmsKey: next.keyId } }, []);
    await project.up();
    const refused = await rotate();
    assert.match(refused.error?.message ?? "", /has a privateKey, and the declaration a ca\.kmsKey/);
    await putCa(next.secret);
    const { prepared, activated, retired } = await inThreeRuns(servers, ca.pem);
    assert.equal(prepared.serial, before.serial);
    assert.deepEqual([activated.ca, retired.ca], [ca.pem + next.root.pem, next.root.pem]);
  });

  describe("by an ACME server (Pebble) then", () => {
    let dns: DnsServer;
    let pebble: Pebble;

    before(async () => {
      dns = await dnsServer(async () => []);
      pebble = await startPebble(dns.address);
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const account = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      await putSecret(`${stack}-acme-account`, account);
      await putSecret(`${stack}-acme-trust`, await pebble.root());
    });
    after(async () => {
      await pebble?.stop();
      await dns?.stop();
    });

    it("which is a new issuer too: clients trust its root first, and the live servers show what it has made", async () => {
      const [servers, before, root] = [await bothReady(), await current(), await pebble.root()];
      const acme = {
        directory: pebble.directory,
        account: `${stack}-acme-account`,
        trust: `${stack}-acme-trust`,
        http01: { port: pebble.httpPort },
      };
      const endpoints = servers.map(({ address }) => ({ host: address, port, serverName }));
      declare({ endpoints, rolloverWait: "0s", ca: undefined, acme });
      await project.up();
      const { prepared, activated, retired } = await inThreeRuns(servers, before.ca);
      assert.deepEqual([prepared.serial, prepared.ca], [before.serial, before.ca + root]);
      assert.deepEqual([activated.ca, retired.ca], [before.ca + root, root]);
      assert.equal(await pebble.statusOf(retired.serial), "Valid");
      const { type, data } = await core.readNamespacedSecret({ namespace: stack, name: "web-tls" });
      assert.equal(type, "kubernetes.io/tls");
      assert.equal(Buffer.from(data?.["tls.crt"] ?? "", "base64").toString(), retired.certificate);
    });
  });
});
