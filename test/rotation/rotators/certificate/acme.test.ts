import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { CreateHostedZoneCommand, ListResourceRecordSetsCommand, Route53Client } from "@aws-sdk/client-route-53";
import { type Ports, realPorts } from "../../../../rotation/ports";
import { renewal } from "../../../../rotation/rotators/certificate/renewal";
import { type CertificateValue, certificateIn } from "../../../../rotation/rotators/certificate/value";
import { certificateContext } from "../../../certificates/caContext";
import { type DnsServer, dnsServer } from "../../../certificates/dnsServer";
import { type Pebble, startPebble } from "../../../certificates/pebble";
import { testCa } from "../../../certificates/testCa";
import { answers } from "../../../sandbox/parts/http";
import { freePort } from "../../../sandbox/process/freePort";
import { waitFor } from "../../../sandbox/process/waitFor";
import { installMoto } from "../../../sandbox/tools";
import { createProgress } from "../../../sandbox/tools/progress";

const region = "eu-west-1";
const day = 86_400_000;
const accountKey = () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("strategy renewal, by ACME (Pebble)", function () {
  this.timeout(300_000);
  let moto: ChildProcess;
  let dns: DnsServer;
  let pebble: Pebble;
  let route53: Route53Client;
  let ports: Pick<Ports, "acme" | "challengeServer" | "route53">;
  let zone: string;
  let secrets: Record<string, string>;

  const recordsIn = async () =>
    (await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }))).ResourceRecordSets ?? [];
  /** What Route 53 has, as moto keeps it. */
  const textsAt = async (name: string) =>
    (await recordsIn())
      .filter(({ Name = "", Type }) => Type === "TXT" && Name.replace(/\.$/, "") === name)
      .flatMap(({ ResourceRecords = [] }) => ResourceRecords.map(({ Value = "" }) => Value.replace(/^"|"$/g, "")));
  const at = (names: readonly string[], acme: object) => {
    const { directory } = pebble;
    const by = { directory, account: "acme/account", trust: "acme/trust", ...acme };
    return certificateContext(secrets, { names, acme: by }, ports);
  };
  const byHttp = (names: readonly string[] = ["web.shop.test"]) => at(names, { http01: { port: pebble.httpPort } });
  const byDns = (names: readonly string[]) => at(names, { dns01: { hostedZoneId: zone } });
  const issued = async (here: ReturnType<typeof at>): Promise<CertificateValue> => {
    await renewal.check(here, undefined);
    const pending = await renewal.create(here, undefined);
    await renewal.test(here, { pending, current: undefined, previous: undefined });
    const found = certificateIn(pending);
    assert.ok(found);
    return found;
  };

  before(async () => {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    moto = spawn(await installMoto(createProgress()), ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
      stdio: "ignore",
    });
    await waitFor("moto to answer", () => answers(`${endpoint}/moto-api/`).catch(() => false), {
      timeoutMs: 120_000,
      intervalMs: 200,
    });
    process.env.AWS_ACCESS_KEY_ID ??= "test";
    process.env.AWS_SECRET_ACCESS_KEY ??= "test";
    route53 = new Route53Client({ region, endpoint });
    const { HostedZone } = await route53.send(
      new CreateHostedZoneCommand({ Name: "shop.test", CallerReference: "acme" }),
    );
    zone = (HostedZone?.Id ?? "").replace("/hostedzone/", "");
    const { acme, challengeServer, route53: records } = realPorts({ region, endpoints: { route53: endpoint } });
    ports = { acme, challengeServer, route53: records };
    dns = await dnsServer(textsAt);
    pebble = await startPebble(dns.address);
    secrets = { "acme/account": accountKey(), "acme/trust": await pebble.root() };
  });
  after(async () => {
    await pebble?.stop();
    await dns?.stop();
    moto?.kill();
  });

  it("proves the names by HTTP-01, and has what the gates want", async () => {
    const here = byHttp();
    const value = await issued(here);
    assert.equal(await pebble.statusOf(value.serial), "Valid");
    assert.equal(value.ca.trim(), secrets["acme/trust"]?.trim());
    await assert.rejects(fetch(`http://127.0.0.1:${pebble.httpPort}/`), "the driver's server has ended");
  });

  it("proves them by DNS-01 in Route 53, a wildcard beside its name too, and takes the records away", async () => {
    const { certificate, serial } = await issued(byDns(["pay.shop.test", "*.pay.shop.test"]));
    assert.match(certificate, /BEGIN CERTIFICATE[\s\S]*BEGIN CERTIFICATE/, "with its intermediate");
    assert.equal(await pebble.statusOf(serial), "Valid");
    assert.deepEqual(
      (await recordsIn()).filter(({ Type }) => Type === "TXT"),
      [],
    );
  });

  it("is renewed when the server says so (ARI), or a third of its lifetime is left", async () => {
    const here = byHttp();
    const value = await issued(here);
    const from = await renewal.renewFrom?.(here, JSON.stringify(value));
    const { renewalInfo } = await ports.acme.directory(pebble.directory);
    assert.ok(renewalInfo, "Pebble offers it");
    assert.deepEqual(here.findings.warnings, [], "it was asked, and has answered");
    const left = (Date.parse(value.notAfter) - (from?.getTime() ?? 0)) / day;
    assert.ok(left >= 30 && left < 46, String(left));
  });

  it("roots that clients do not trust yet come to them first; a renewal by the same server needs no phases", async () => {
    const value = JSON.stringify(await issued(byHttp()));
    const begins = (trust: string) =>
      renewal.phasing?.beginsWith?.(at(["web.shop.test"], { http01: { port: pebble.httpPort }, trust }), value);
    secrets["acme/more"] = `${secrets["acme/trust"]}${(await testCa({ name: "Next root" })).pem}`;
    assert.deepEqual([await begins("acme/trust"), await begins("acme/more")], ["retire", "prepare"]);
  });

  it("an order that is refused says why, and nothing is made", async () => {
    await assert.rejects(
      renewal.create(byHttp(["blocked.test"]), undefined),
      (error: Error & { code?: string; step?: string }) => {
        assert.match(error.message, /the ACME server localhost:\d+: .*(blocked\.test|rejectedIdentifier|policy)/i);
        return error.code === "ROTATOR_FAILED" && error.step === "create";
      },
    );
  });

  it("a name that cannot be proven says why", async () => {
    // Nobody answers there: the driver listens at another port than the one that is asked.
    const here = at(["web.shop.test"], { http01: { port: await freePort() } });
    await assert.rejects(
      renewal.create(here, undefined),
      /the ACME server localhost:\d+: .*(connection|refused|fetching)/i,
    );
  });

  it("what can be known before is refused before", async () => {
    await assert.rejects(
      renewal.check(byDns(["web.other.test"]), undefined),
      /web\.other\.test cannot be proven in the hosted zone \w+, which is shop\.test/,
    );
    const wrong = at(["web.shop.test"], { http01: {}, directory: pebble.directory.replace("/dir", "/none") });
    await assert.rejects(renewal.check(wrong, undefined), /the ACME server localhost:\d+: it answers 404/);
    const keyless = at(["web.shop.test"], { http01: {}, account: "acme/trust" });
    await assert.rejects(renewal.check(keyless, undefined), /holds no private key as PEM/);
  });

  it("clients that trust another root would refuse it: it is not taken", async () => {
    const trusting = at(["web.shop.test"], { http01: { port: pebble.httpPort }, trust: "acme/other" });
    secrets["acme/other"] = (await testCa({ name: "Other" })).pem;
    await assert.rejects(
      renewal.create(trusting, undefined),
      /the certificate that was issued would be refused by those who trust its bundle/,
    );
  });

  it("an emergency has the older one revoked", async () => {
    const here = { ...byHttp(), emergency: true };
    const [older, now] = [await issued(here), await issued(here)];
    const values = { pending: JSON.stringify(now), current: JSON.stringify(older), previous: undefined };
    assert.match((await renewal.retire(here, values, undefined)) ?? "", /revoked/);
    await renewal.retire(here, values, undefined);
    assert.deepEqual([await pebble.statusOf(older.serial), await pebble.statusOf(now.serial)], ["Revoked", "Valid"]);
  });
});
