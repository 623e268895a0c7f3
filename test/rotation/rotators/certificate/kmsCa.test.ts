import assert from "node:assert/strict";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { realPorts } from "../../../../rotation/ports";
import { renewal } from "../../../../rotation/rotators/certificate/renewal";
import { certificateIn } from "../../../../rotation/rotators/certificate/value";
import { certificateContext } from "../../../certificates/caContext";
import { kmsCa } from "../../../certificates/kmsCa";
import { testCa } from "../../../certificates/testCa";
import { region, useSandbox } from "../../../integration/project";

describe("certificates by a CA whose key is in KMS", function () {
  this.timeout(600_000);
  let client: KMSClient;
  const at = (secret: string, kmsKey: string, more: object = {}) => {
    const { kmsSigning } = realPorts({ region });
    const certificate = { names: ["web.shop.test"], ca: { secret: "pki/ca", kmsKey }, ...more };
    return certificateContext({ "pki/ca": secret }, certificate, { kmsSigning });
  };
  const refused = (secret: string, kmsKey: string, says: RegExp) =>
    assert.rejects(renewal.check(at(secret, kmsKey), undefined), (error: Error & { code?: string; step?: string }) => {
      assert.match(error.message, says);
      return error.code === "ROTATOR_FAILED" && error.step === "check";
    });

  before(async () => {
    await useSandbox();
    client = new KMSClient({ region });
  });

  for (const [spec, key] of [
    ["ECC_NIST_P256", "ecdsa-p256"],
    ["ECC_NIST_P384", "rsa-2048"],
    ["RSA_2048", "ecdsa-p256"],
  ] as const) {
    it(`are taken by OpenSSL, by a key ${spec}`, async () => {
      const { arn, keyId, secret, root, pem } = await kmsCa(client, spec);
      const here = at(secret, spec === "RSA_2048" ? arn : keyId, { key, usages: ["server", "client"] });
      await renewal.check(here, undefined);
      const pending = await renewal.create(here, undefined);
      await renewal.test(here, { pending, current: undefined, previous: undefined });
      const found = certificateIn(pending);
      assert.equal(found?.ca, root.pem);
      assert.ok(found?.certificate.endsWith(pem), "with the CA, which is an intermediate");
    });
  }

  it("what is not the key's certificate, or signs not, is refused before anything is written", async () => {
    const [one, other] = [await kmsCa(client), await kmsCa(client)];
    await refused(other.secret, one.keyId, /has a certificate that is not for the KMS key [-0-9a-f]+$/);
    const both = JSON.stringify({
      ...JSON.parse(one.secret),
      privateKey: JSON.parse((await testCa()).secret).privateKey,
    });
    await refused(both, one.keyId, /has a privateKey, and the declaration a ca\.kmsKey/);
    const none = "11111111-2222-3333-4444-555555555555";
    await refused(one.secret, none, /the KMS key 1{8}-\S+, which is the CA's, does not tell its public key: NotFound/);
    const { KeyMetadata } = await client.send(
      new CreateKeyCommand({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" }),
    );
    await refused(one.secret, KeyMetadata?.KeyId ?? "", /which is the CA's, is for ENCRYPT_DECRYPT$/);
    const ended = await kmsCa(client, "ECC_NIST_P256", { days: -1 });
    await refused(ended.secret, ended.keyId, /has expired/);
  });

  it("a key that KMS does not sign with is refused, with what to do", async () => {
    const { keyId, secret } = await kmsCa(client);
    const here = at(secret, keyId);
    const denied = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
    const kmsSigning = { ...here.ports.kmsSigning, sign: () => Promise.reject(denied) };
    await assert.rejects(renewal.create({ ...here, ports: { ...here.ports, kmsSigning } }, undefined), {
      message: /does not sign: AccessDeniedException: not authorized/,
      hint: /kms:GetPublicKey and kms:Sign/,
    });
  });
});
