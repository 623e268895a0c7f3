import assert from "node:assert/strict";
import { parseSecret } from "../../../../infra/config/parseSecret";
import { consumerKinds } from "../../../../rotation/consumers";
import { builtIn } from "../../../../rotation/rotators";

const acme = { directory: "https://acme.test/dir", account: "acme/account", dns01: { hostedZoneId: "Z0123456789" } };
const tls = [{ key: "tls.crt" }, { key: "tls.key" }];
const parsed = (certificate: object, externalSecret: object = {}) =>
  parseSecret(
    {
      name: "tls",
      kind: "certificate",
      externalSecret: { target: "tls", namespaces: ["shop"], keys: tls, ...externalSecret },
      certificate,
    },
    { rotators: builtIn, consumerKinds },
    "secret",
  );
const problems = (...args: Parameters<typeof parsed>) =>
  parsed(...args).problems.map(({ path, message }) => `${path.replace("secret.", "")}: ${message}`);
const rotator = builtIn.get("certificate");

describe("the declaration of a certificate", () => {
  it("needs names, and exactly one who signs", () => {
    assert.deepEqual(problems({ names: ["web.test"], ca: { secret: "ca" } }), []);
    assert.deepEqual(problems({ names: ["web.test"], acme }), []);
    const both = { names: ["web.test"], ca: { secret: "ca" }, acme };
    for (const wrong of [{ names: ["web.test"] }, both]) {
      assert.deepEqual(problems(wrong), [
        "certificate.ca: exactly one of ca and acme is needed: who signs the certificate",
      ]);
    }
    assert.match(
      problems({ names: ["Web.test"], ca: { secret: "ca" } }).join(),
      /certificate\.names\[0\]: must be a DNS name/,
    );
  });

  it("refuses what could never be renewed as it says", () => {
    const said = (more: object) => problems({ names: ["web.test"], ...more }).join();
    assert.match(
      said({ ca: { secret: "ca" }, lifetime: "30d", renewBefore: "30d" }),
      /renewBefore: must be shorter than lifetime/,
    );
    const byCa = { ca: { secret: "ca" }, lifetime: "30d" };
    assert.equal(said({ ...byCa, rolloverWait: "9d", keepFor: "19d" }), "");
    assert.match(
      said({ ...byCa, rolloverWait: "10d" }),
      /rolloverWait: must be shorter than what is left at a renewal/,
    );
    assert.match(said({ ...byCa, keepFor: "20d" }), /keepFor: must be shorter than the time until the next renewal/);
    assert.match(
      said({ names: ["10.0.0.1"], acme }),
      /names: 10\.0\.0\.1 is an IP address, which ca alone signs for here/,
    );
    const byHttp = { ...acme, dns01: undefined, http01: {} };
    assert.match(said({ names: ["*.web.test"], acme: byHttp }), /names: \*\.web\.test can be proven by dns01 alone/);
    assert.match(said({ acme: { ...acme, http01: {} } }), /acme: exactly one of dns01 and http01 is needed/);
    assert.match(said({ names: ["web.test", "web.test"], acme }), /names: says one twice/);
  });

  it("a Kubernetes Secret of a type has the keys that Kubernetes wants of it", () => {
    const given = { names: ["web.test"], ca: { secret: "ca" } };
    assert.deepEqual(problems(given, { type: "kubernetes.io/tls" }), []);
    const lacking = { type: "kubernetes.io/tls", keys: [{ key: "tls.crt" }] };
    assert.deepEqual(problems(given, lacking), ["externalSecret.keys: type kubernetes.io/tls needs the key tls.key"]);
  });

  it("allows whoever rotates to sign by exactly the KMS keys of its CAs", () => {
    const arn = "arn:aws:kms:us-east-1:123456789012:key/mrk-1234";
    const allowed = (kmsKey: string) => {
      const { secret } = parsed({ names: ["web.test"], ca: { secret: "ca", kmsKey } });
      assert.ok(secret);
      return rotator?.permissions?.(secret);
    };
    const actions = ["kms:GetPublicKey", "kms:Sign"];
    assert.deepEqual(allowed(arn), [{ sid: "SignCertificates", actions, resources: [arn] }]);
    assert.deepEqual(allowed("1234-ab"), [
      { sid: "SignCertificates", actions, resources: ["arn:aws:kms:{region}:{account}:key/1234-ab"] },
    ]);
    for (const wrong of ["alias/ca", "*", "arn:aws:kms:eu-west-1:123456789012:alias/ca"]) {
      assert.match(
        problems({ names: ["web.test"], ca: { secret: "ca", kmsKey: wrong } }).join(),
        /certificate\.ca\.kmsKey: must be the id or the ARN of a KMS key/,
      );
    }
  });

  it("says which secrets whoever rotates may read, and what it does in Route 53", () => {
    const { secret: byCa } = parsed({ names: ["web.test"], ca: { secret: "prod/pki/ca" } });
    const { secret: byAcme } = parsed({ names: ["web.test"], acme: { ...acme, trust: "acme/roots" } });
    assert.ok(rotator && byCa && byAcme);
    assert.deepEqual([rotator.reads?.(byCa), rotator.permissions?.(byCa)], [["prod/pki/ca"], []]);
    assert.deepEqual(rotator.reads?.(byAcme), ["acme/account", "acme/roots"]);
    const actions = rotator.permissions?.(byAcme).flatMap((one) => one.actions);
    assert.deepEqual(actions?.sort(), [
      "route53:ChangeResourceRecordSets",
      "route53:GetChange",
      "route53:GetHostedZone",
      "route53:ListResourceRecordSets",
    ]);
  });
});
