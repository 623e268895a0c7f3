import type { Step } from "../../steps";
import { documentOf, withProperties } from "../../values/jsonDocument";
import { syncable } from "../common/expectedData";
import { objectText } from "../own/document";
import { failure, flawless, type RotationStrategy, type StrategyContext } from "../protocol";
import { acmeIssuer } from "./acme";
import { internalCa } from "./internalCa";
import type { Issuer } from "./issuer";
import { wrongWith } from "./judge";
import { phaseWait, renewalFrom } from "./lifetime";
import { certificateOf } from "./parameters";
import { refusedBy } from "./refusedBy";
import { activated, beginning, ended, prepared, together, withoutOlder } from "./rollover";
import { lookAtEndpoints, served } from "./served";
import { type CertificateValue, certificateIn, properties } from "./value";

/**
 * A certificate with its key and the bundle that it is trusted by. The old one stays valid until it expires, so that servers
 * and clients may take the new one when they come to it.
 */
export const renewal: RotationStrategy = Object.freeze<RotationStrategy>({
  overlap: "expiring",
  async check(context, current) {
    const document = objectText(context, "check", current, properties);
    const sample = Object.fromEntries(properties.map((name) => [name, "x"]));
    syncable(context, "check", withProperties(document, sample));
    await issuerOf(context).check(context);
    await lookAtEndpoints(context);
  },
  async create(context, current) {
    const document = objectText(context, "create", current, properties);
    const found = certificateIn(current);
    const first = found && !context.emergency ? await beginning(context, found) : "retire";
    if (found && first === "prepare") return withProperties(document, { ...(await prepared(context, found)) });
    const made = await issued(context);
    return withProperties(
      document,
      found && first === "activate" ? { ...activated(found, made) } : { ...ended(found), ...made },
    );
  },
  phasing: {
    of: () => ["prepare", "activate", "retire"],
    async beginsWith(context, current) {
      const found = certificateIn(current);
      return found ? beginning(context, found) : "retire";
    },
    waitSeconds: (context, done) => phaseWait(certificateOf(context), done),
    together,
    phaseIn(_context, value) {
      const { rollover } = certificateIn(value) ?? {};
      return rollover === "prepare" || rollover === "activate" ? rollover : "retire";
    },
    advance: {
      async activate(context, current) {
        const found = wanted(context, "create", "the current value", current);
        // The CA was changed once more: what would be signed now is not known everywhere.
        const again = (await beginning(context, found)) === "prepare";
        const next = again ? await prepared(context, found) : activated(found, await issued(context));
        return withProperties(current, { ...next });
      },
      async retire(context, current) {
        const found = wanted(context, "create", "the current value", current);
        return withProperties(current, { ...(await withoutOlder(context, found)) });
      },
    },
  },
  async rollBack(context, to, current) {
    const older = await usable(context, "the version to go back to", to);
    const now = certificateIn(current);
    const refused = now && (await refusedBy(context, { ...older, ca: now.ca }));
    if (refused !== undefined) {
      const others = "those who have the bundle of now refuse the older certificate until they have the older bundle";
      context.findings.warn(`${others}: ${refused}`);
    }
    return withProperties(objectText(context, "check", current ?? to, properties), {
      ...ended(certificateIn(current)),
      ...older,
    });
  },
  async restore(context, from, current) {
    if (from === current) return undefined;
    await usable(context, "the backup", from);
    return from;
  },
  set: async () => undefined,
  flaw(context, { pending, current }) {
    const [found, before] = [certificateIn(pending), certificateIn(current)];
    if (!found) return { code: "SECRET_MALFORMED", what: `the new value has not all of ${properties.join(", ")}` };
    const wrong = wrongWith(found, certificateOf(context), context.ports.clock.now());
    if (wrong) return { code: "SECRET_MALFORMED", what: `the new certificate ${wrong}` };
    const isEnd = (before?.rollover ?? "") !== (found.rollover ?? "");
    const isSame = before?.certificate === found.certificate && before.ca === found.ca && !isEnd;
    return isSame
      ? { code: "VALUE_UNCHANGED", what: "the new version has the certificate of the current one" }
      : undefined;
  },
  keeps(_context, { pending, current }) {
    const found = certificateIn(pending);
    if (!found || current === undefined || !documentOf(current)) return true;
    return withProperties(current, { ...found }) === pending;
  },
  async test(context, values) {
    flawless(renewal, context, "test", values);
    const wrong = await wrongBy(context, wanted(context, "test", "the new value", values.pending));
    if (wrong === undefined) return;
    const message = `the new certificate ${wrong}`;
    const hint = "see its issuer and the bundle, then rotate it: that makes a new one";
    throw failure(context, "test", "CREDENTIAL_REFUSED", message, { hint });
  },
  async retire(context, { current }) {
    const older = certificateIn(current);
    const { revoke } = issuerOf(context);
    // Else it is valid until it expires, for those who have not come to the new one.
    if (!older || !revoke || !context.emergency) return undefined;
    await revoke(context, older);
    return `its issuer has revoked the certificate ${older.serial}`;
  },
  notAfter(_context, value) {
    const found = certificateIn(value);
    return found && new Date(found.notAfter);
  },
  async renewFrom(context, value) {
    const found = certificateIn(value);
    if (!found) return undefined;
    const byShare = renewalFrom(found, certificateOf(context));
    const byIssuer = await issuerOf(context).renewFrom?.(context, found);
    return byIssuer && byIssuer < byShare ? byIssuer : byShare;
  },
  served: (context, value) => served(context, wanted(context, "verify", "AWSCURRENT", value)),
  async breaks(context) {
    const { revoke } = issuerOf(context);
    const older = "whoever has the older certificate and its key";
    if (revoke) return [`${older} is refused by those who ask whether it was revoked`];
    return [
      `nothing: ${older} can use it until it expires, as the CA revokes nothing. Where its key has leaked, that is to be known`,
    ];
  },
  /** By those who trust the bundle. */
  async accepts(context, value) {
    const found = certificateIn(value);
    return found !== undefined && (await wrongBy(context, found)) === undefined;
  },
});

/** @throws {SECRET_MALFORMED} when there is none */
function wanted(context: StrategyContext, step: Step, what: string, value: string): CertificateValue {
  const found = certificateIn(value);
  if (found) return found;
  const message = `${what} is no JSON object with ${properties.join(", ")}`;
  throw failure(context, step, "SECRET_MALFORMED", message, { hint: "rotate it: that makes a new one" });
}

/** @throws {RETIRED} for an older certificate that is refused by now */
async function usable(context: StrategyContext, what: string, value: string): Promise<CertificateValue> {
  const found = wanted(context, "check", what, value);
  const wrong = await wrongBy(context, found);
  if (wrong === undefined) return found;
  const hint = "rotate instead: it makes a new one";
  throw failure(context, "check", "RETIRED", `the certificate of ${what} ${wrong}`, { hint });
}

/** What is wrong with a certificate and its chain, as a part of a sentence; undefined: nothing. */
async function wrongBy(context: StrategyContext, value: CertificateValue): Promise<string | undefined> {
  const wrong = wrongWith(value, certificateOf(context), context.ports.clock.now());
  if (wrong !== undefined) return wrong;
  const refused = await refusedBy(context, value);
  return refused && `would be refused by those who trust its bundle: ${refused}`;
}

/** @throws {ROTATOR_FAILED} for one that is not to be used: one that is stored would be gone on with by each run */
async function issued(context: StrategyContext): Promise<CertificateValue> {
  const made = await issuerOf(context).issue(context);
  const wrong = await wrongBy(context, made);
  if (wrong === undefined) return made;
  const hint = "see its issuer and what it is trusted by; nothing was written";
  throw failure(context, "create", "ROTATOR_FAILED", `the certificate that was issued ${wrong}`, { hint });
}

function issuerOf(context: StrategyContext): Issuer {
  return certificateOf(context).ca ? internalCa : acmeIssuer;
}
