import type * as AcmeClient from "acme-client";

/** A proof that a name is ours, where the ACME server looks for it. */
export interface Challenge {
  readonly type: "dns-01" | "http-01";
  readonly name: string;
  readonly token: string;
  /** What is to be found: the text of the TXT record, or the answer. */
  readonly content: string;
}

export interface AcmeAccount {
  /** URL of the server's directory. */
  readonly directory: string;
  /** PEM. */
  readonly accountKey: string;
}

export interface AcmeOrder extends AcmeAccount {
  readonly email?: string | undefined;
  readonly names: readonly string[];
  /** PEM of the certificate's own key. */
  readonly privateKey: string;
  readonly challenge: Challenge["type"];
  /** Makes the proof be found. @returns takes it away */
  prove(challenge: Challenge): Promise<() => Promise<void>>;
  /** The order is given up after this time. */
  readonly timeoutSeconds: number;
}

/** An ACME server (RFC 8555). */
export interface Acme {
  /**
   * Orders a certificate; the account is made where there is none.
   *
   * @returns PEM: the certificate and its intermediates
   * @throws {AcmeError}
   */
  order(order: AcmeOrder): Promise<string>;
  /** Revokes a certificate (PEM), its key being compromised. One that is revoked already is no error. @throws {AcmeError} */
  revoke(account: AcmeAccount, certificate: string): Promise<void>;
  /**
   * What the server offers.
   *
   * @throws {AcmeError} when it does not answer as an ACME server does
   */
  directory(url: string): Promise<{ readonly renewalInfo: string | undefined }>;
  /** When the server wants a certificate to be renewed (RFC 9773). @param url  of that certificate's renewal information */
  renewalWindow(url: string): Promise<{ readonly start: Date }>;
}

/** Its message is one line of what the server or the library says: neither knows a value. */
export class AcmeError extends Error {
  override readonly name = "AcmeError";
}

const longestAnswerMs = 15_000;

export const acme: Acme = Object.freeze<Acme>({
  async order({ names, privateKey, email, challenge: type, prove, timeoutSeconds, ...account }) {
    const { client, library } = clientOf(account);
    const proofs = new Map<string, () => Promise<void>>();
    const [, csr] = await library.crypto.createCsr({ altNames: [...names] }, privateKey);
    const contact = email === undefined ? {} : { contact: [`mailto:${email}`] };
    await plain(inTime(register(client, { termsOfServiceAgreed: true, ...contact }), longestAnswerMs * 2));
    const work = client.auto({
      csr,
      challengePriority: [type],
      // Whoever makes the proof waits until it is found.
      skipChallengeVerification: true,
      async challengeCreateFn({ identifier }, { type: offered, token }, content) {
        if (offered !== type) throw new Error(`${identifier.value} cannot be proven by ${type}`);
        proofs.set(token, await prove({ type, name: identifier.value, token, content }));
      },
      async challengeRemoveFn(_authorization, { token }) {
        await proofs.get(token)?.();
      },
    });
    return plain(inTime(work, timeoutSeconds * 1000));
  },
  async revoke(account, certificate) {
    const { client } = clientOf(account);
    const keyCompromise = 1;
    const work = async () => {
      await register(client, { onlyReturnExisting: true });
      await client.revokeCertificate(certificate, { reason: keyCompromise });
    };
    await plain(inTime(work(), longestAnswerMs * 2)).catch((error: AcmeError) => {
      if (!/already (been )?revoked/i.test(error.message)) throw error;
    });
  },
  async directory(url) {
    const found = (await json(url)) as { newOrder?: unknown; renewalInfo?: unknown } | null;
    if (typeof found?.newOrder !== "string") throw new AcmeError("its directory is no ACME server's");
    return { renewalInfo: typeof found.renewalInfo === "string" ? found.renewalInfo : undefined };
  },
  async renewalWindow(url) {
    const found = (await json(url)) as { suggestedWindow?: { start?: unknown } } | null;
    const start = new Date(String(found?.suggestedWindow?.start));
    if (Number.isNaN(start.getTime())) throw new AcmeError("its renewal information has no window");
    return { start };
  },
});

/** Loaded when it is used: the library takes half a second. */
function clientOf({ directory: directoryUrl, accountKey }: AcmeAccount) {
  const library = require("acme-client") as typeof AcmeClient;
  const polling = { backoffAttempts: 60, backoffMin: 500, backoffMax: 5000 };
  return { library, client: new library.Client({ directoryUrl, accountKey, ...polling }) };
}

/**
 * Finds the account of a key, or makes it. The library updates one that exists; a server may refuse an update that changes
 * nothing, and the account is known by then.
 */
async function register(
  client: AcmeClient.Client,
  account: Parameters<AcmeClient.Client["createAccount"]>[0],
): Promise<void> {
  await client.createAccount(account).catch((error: unknown) => {
    try {
      client.getAccountUrl();
    } catch {
      throw error;
    }
  });
}

async function json(url: string): Promise<unknown> {
  const answered = fetch(url, { signal: AbortSignal.timeout(longestAnswerMs) });
  const answer = await answered.catch((error: unknown) => {
    throw new AcmeError(`it does not answer (${codeOf(error)})`);
  });
  if (!answer.ok) throw new AcmeError(`it answers ${answer.status}`);
  return answer.json().catch(() => {
    throw new AcmeError("what it answers is no JSON");
  });
}

async function plain<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const text = error instanceof Error ? error.message || codeOf(error) : "unknown";
    const line = text.replace(/\p{Cc}+/gu, " ").trim();
    throw new AcmeError(line.length > 300 ? `${line.slice(0, 300)}…` : line);
  });
}

function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done after ${ms / 1000} s`)), ms);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string" && error.code !== "") return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : error.name;
}
