import { z } from "zod";
import { endpoint } from "../../../infra/config/rotatorsSchema";
import { pointer } from "./pointer";
import { documentTemplate, template } from "./template";

const method = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]);
const path = (...known: readonly string[]) =>
  template(...known).regex(/^\//, "must begin with /: it is put behind the url");
const headers = (...known: readonly string[]) =>
  z.record(z.string().regex(/^[\w-]+$/, "must be the name of a header"), template(...known)).default({});
const statuses = z.array(z.number().int().min(100).max(599));

/** Whatever credential a request is made with: the current value of a secret, or the text of one property of its JSON. */
const auth = z.strictObject({
  secret: z.string().min(1, "must be the full name or the ARN of a secret"),
  property: z.string().min(1).optional(),
  header: z
    .string()
    .regex(/^[\w-]+$/, "must be the name of a header")
    .default("Authorization"),
  /** Before the value, with a blank between them; empty: nothing. */
  scheme: z
    .string()
    .regex(/^[\w-]*$/, "must be one word, e.g. Bearer, or empty")
    .default("Bearer"),
});

/** How the next page of a list is asked for. */
const next = z.strictObject({
  /** What `parameter` of the query gets. There is no next page where it is missing or null. */
  cursor: pointer,
  parameter: z.string().min(1),
  /** Where a false says that there is no next page. */
  more: pointer.optional(),
});

/**
 * An issuer's HTTP API. Paths stand behind `url`. In texts `{name}` is what the driver calls its keys there, `{id}` and `{key}`
 * are the key in question.
 */
export const httpSchema = z.strictObject({
  url: endpoint,
  auth,
  /** Sent with each request, but with `verify` by the key itself. */
  headers: headers(),
  create: z.strictObject({
    method: method.default("POST"),
    path: path("name"),
    body: documentTemplate("name").optional(),
    id: pointer,
    key: pointer,
  }),
  list: z
    .strictObject({
      path: path(),
      /** Of the list in the answer. */
      items: pointer.default(""),
      /** In an item. */
      id: pointer,
      name: pointer.optional(),
      /** Where the issuer shows it again. */
      key: pointer.optional(),
      /** A time in ISO 8601 or in seconds since 1970; null: never. */
      lastUsed: pointer.optional(),
      /** Without names: every key that is listed belongs to this secret, and to nobody else. */
      dedicated: z.boolean().default(false),
      next: next.optional(),
    })
    .refine(({ name, dedicated }) => (name === undefined) === dedicated, {
      error:
        "needs name, which tells whose a key is; or dedicated: true, where all that are listed belong to this secret alone",
    }),
  delete: z.strictObject({
    method: method.default("DELETE"),
    path: path("id"),
    body: documentTemplate("id").optional(),
    /** Statuses that say that there is no such key any more. */
    gone: statuses.default([404, 410]),
  }),
  verify: z.strictObject({
    /** Where it is another one than the issuer's. */
    url: endpoint.optional(),
    method: method.default("GET"),
    path: path("id", "key"),
    /** Whose credential the request is made with. */
    by: z.enum(["key", "issuer"]).default("key"),
    headers: z
      .record(z.string(), template("id", "key"))
      .optional()
      .describe("default, by the key: Authorization: Bearer {key}"),
    body: documentTemplate("id", "key").optional(),
    /** Statuses that say so; default: any success. Of one that is in neither list nobody can tell. */
    accepted: statuses.optional(),
    refused: statuses.default([401, 403]),
    /** Where a success has true or false, as its status alone does not tell. */
    verdict: pointer.optional(),
  }),
  /** Where the list does not say it. */
  lastUsed: z.strictObject({ path: path("id"), at: pointer }).optional(),
});

export type HttpDeclaration = z.output<typeof httpSchema>;
