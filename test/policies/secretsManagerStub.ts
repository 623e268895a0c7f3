import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A version as ListSecretVersionIds tells it. */
export interface StubVersion {
  readonly stages: readonly string[];
  readonly createdAt: Date;
}

/** What the stub says of one secret: its versions, in pages of two, or the name of an error. */
export type StubAnswer = readonly StubVersion[] | string;

export interface SecretsManagerStub {
  readonly url: string;
  /** The operations that were asked for, e.g. `ListSecretVersionIds prod/shop/orders-db`. */
  readonly asked: string[];
  stop(): Promise<void>;
}

const pageSize = 2;

/**
 * An endpoint that answers ListSecretVersionIds with creation dates of the test's choice. The sandbox's moto cannot: it
 * calls every version new.
 */
export async function startSecretsManagerStub(
  answers: Readonly<Record<string, StubAnswer>>,
): Promise<SecretsManagerStub> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body: { SecretId: string; NextToken?: string } = JSON.parse(Buffer.concat(chunks).toString());
      asked.push(`${String(request.headers["x-amz-target"]).replace("secretsmanager.", "")} ${body.SecretId}`);
      const answer = answers[body.SecretId] ?? "ResourceNotFoundException";
      response.setHeader("content-type", "application/x-amz-json-1.1");
      if (typeof answer === "string") {
        response.statusCode = 400;
        response.end(JSON.stringify({ __type: answer, message: "the stub was told so" }));
      } else {
        response.end(JSON.stringify(pageOf(answer, Number(body.NextToken ?? 0))));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, asked, stop };
}

function pageOf(versions: readonly StubVersion[], from: number) {
  const page = versions.slice(from, from + pageSize).map(({ stages, createdAt }, index) => ({
    VersionId: `00000000-0000-4000-8000-${String(from + index).padStart(12, "0")}`,
    VersionStages: stages,
    CreatedDate: createdAt.getTime() / 1000,
  }));
  const next = from + pageSize;
  return { Versions: page, ...(next < versions.length && { NextToken: String(next) }) };
}
