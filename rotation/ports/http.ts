export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** A request of any method; undefined: it has no body. */
export interface HttpRequest extends Omit<Post, "body"> {
  readonly method: string;
  readonly body: string | undefined;
}

export interface PostAnswer {
  readonly status: number;
  /** Undefined: it is no success, or longer than `longestBody`. */
  readonly body: string | undefined;
}

/** An HTTP endpoint that is asked. */
export interface Http {
  /**
   * Redirects are answers like others, and not followed: they would take what is sent to another place.
   *
   * @throws {HttpError} when there is no answer
   */
  send(request: HttpRequest): Promise<PostAnswer>;
  /** The same by POST. */
  post(post: Post): Promise<PostAnswer>;
}

/** There is no answer. Its message has a code such as ECONNREFUSED and no more: another may quote what was sent. */
export class HttpError extends Error {
  override readonly name = "HttpError";
}

/** In bytes. */
export const longestBody = 1 << 20;

export const http: Http = Object.freeze<Http>({
  send,
  post: (post) => send({ ...post, method: "POST" }),
});

async function send({ url, method, headers, body, signal }: HttpRequest): Promise<PostAnswer> {
  try {
    const sent = body === undefined ? {} : { body };
    const answer = await fetch(url, { method, headers, ...sent, signal, redirect: "manual" });
    const { status } = answer;
    if (answer.ok) return { status, body: await textOf(answer) };
    // So that the connection is let go.
    await answer.body?.cancel();
    return { status, body: undefined };
  } catch (error) {
    throw new HttpError(codeOf(error));
  }
}

async function textOf({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    // Leaving the loop cancels the rest.
    if (bytes > longestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string" && /^[A-Z_0-9]+$/.test(error.code)) return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : error.name;
}
