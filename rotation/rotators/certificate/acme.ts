import { createPrivateKey } from "node:crypto";
import { isAddress } from "../../../infra/config/hostName";
import { describeError } from "../../errors";
import { AcmeError } from "../../ports/acme";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import { ariIdentifier } from "./ariIdentifier";
import type { Issuer } from "./issuer";
import { readable } from "./judge";
import { newKey, pemOfKey } from "./keys";
import { type CertificateParameters, certificateOf, longestOrderSeconds } from "./parameters";
import { proof } from "./proof";
import { readSecret } from "./readSecret";
import { certificatesIn, certificateValue, pemOf } from "./value";

/** A server of ACME (RFC 8555), such as Let's Encrypt. */
export const acmeIssuer: Issuer = Object.freeze<Issuer>({
  async check(context) {
    const { directory, dns01 } = acmeOf(context);
    await Promise.all([accountKey(context, "check"), trusted(context, "check")]);
    await asked(context, "check", () => context.ports.acme.directory(directory));
    if (dns01) await zoneHasNames(context, dns01.hostedZoneId);
  },
  async issue(context) {
    const { key, names } = certificateOf(context);
    const { directory, email } = acmeOf(context);
    const { challenge, prove } = proof(context, acmeOf(context));
    const account = await accountKey(context, "create");
    const privateKey = pemOfKey(await newKey(key));
    const order = { directory, email, names, privateKey, challenge, prove, accountKey: account };
    const certificate = await asked(context, "create", () =>
      context.ports.acme.order({ ...order, timeoutSeconds: longestOrderSeconds }),
    );
    const ca = (await trusted(context, "create")) ?? rootOf(certificate, context.ports.tls.roots());
    return certificateValue({ certificate: `${certificate.trim()}\n`, privateKey, ca });
  },
  async renewFrom(context, { certificate }) {
    const { directory } = acmeOf(context);
    const [leaf] = certificatesIn(certificate);
    try {
      const { renewalInfo } = await context.ports.acme.directory(directory);
      const id = leaf && ariIdentifier(leaf);
      if (renewalInfo === undefined || id === undefined) return undefined;
      return (await context.ports.acme.renewalWindow(`${renewalInfo}/${id}`)).start;
    } catch (error) {
      const what = `when the ACME server wants it to be renewed is not known: ${describeError(error)}`;
      context.findings.warn(`${what}; the share of its lifetime counts`);
      return undefined;
    }
  },
  async revoke(context, { certificate }) {
    const { directory } = acmeOf(context);
    const account = { directory, accountKey: await accountKey(context, "retire") };
    const [leaf] = certificatesIn(certificate);
    if (!leaf) return;
    await asked(context, "retire", () => context.ports.acme.revoke(account, leaf.toString()));
  },
});

type AcmeParameters = NonNullable<CertificateParameters["acme"]>;

function acmeOf(context: StrategyContext): AcmeParameters {
  const { acme } = certificateOf(context);
  if (!acme) throw new Error(`${context.secret.name} has no acme section`);
  return acme;
}

async function accountKey(context: StrategyContext, step: Step): Promise<string> {
  const name = acmeOf(context).account;
  const text = await readSecret(context, step, "the key of the ACME account", name);
  if (readable(() => createPrivateKey(text))) return text;
  const message = `the secret ${name} holds no private key as PEM, which the key of the ACME account has to be`;
  const hint = "make one: openssl ecparam -name prime256v1 -genkey -noout, and put it there";
  throw failure(context, step, "ROTATOR_FAILED", message, { hint });
}

/** PEM of what clients trust; undefined: what Node.js does. */
export async function trusted(context: StrategyContext, step: Step): Promise<string | undefined> {
  const name = acmeOf(context).trust;
  if (name === undefined) return undefined;
  const text = await readSecret(context, step, "the roots that clients trust", name);
  const found = readable(() => certificatesIn(text)) ?? [];
  if (found.length > 0) return pemOf(found);
  const message = `the secret ${name} holds no certificate as PEM, which the roots that clients trust have to be`;
  throw failure(context, step, "ROTATOR_FAILED", message, { hint: "put them there" });
}

/** Of those that Node.js trusts, what the chain leads to; where there is none, its end, which the gates then refuse. */
function rootOf(chain: string, trustedRoots: readonly string[]): string {
  const last = certificatesIn(chain).at(-1);
  const roots = last ? certificatesIn(trustedRoots.join("\n")).filter((root) => last.checkIssued(root)) : [];
  return roots.length > 0 ? pemOf(roots) : pemOf(last ? [last] : []);
}

async function zoneHasNames(context: StrategyContext, zoneId: string): Promise<void> {
  const zone = await context.ports.route53.zoneName(zoneId);
  const outside = certificateOf(context).names.filter(
    (name) => isAddress(name) || !`.${name.replace(/^\*\./, "")}`.endsWith(`.${zone}`),
  );
  if (outside.length === 0) return;
  const message = `${outside.join(", ")} cannot be proven in the hosted zone ${zoneId}, which is ${zone}`;
  throw failure(context, "check", "ROTATOR_FAILED", message, { hint: "correct acme.dns01.hostedZoneId, or names" });
}

/** @throws {ROTATOR_FAILED} with what the server says */
async function asked<T>(context: StrategyContext, step: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    const { host } = new URL(acmeOf(context).directory);
    const hint = "the certificate in use stays; see what it says, then run the same command again";
    const message = `the ACME server ${host}: ${error.message}`;
    throw failure(context, step, "ROTATOR_FAILED", message, { retryable: true, hint });
  }
}
