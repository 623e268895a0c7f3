import { z } from "zod";
import { duration } from "./duration";
import { commonSchema } from "./secretSchema";

/** How credentials of a kind of one's own overlap; see `Overlap` of the driver's protocol. */
export const ownOverlaps = ["two-live", "one-live", "expiring", "consumers-only"] as const;

/** What a program or an endpoint can be asked for: the steps of a rotator. */
export const verbs = ["check", "issue", "create", "set", "test", "revoke", "find", "lastUsed"] as const;
export type Verb = (typeof verbs)[number];

const secretName = z.string().min(1, "must be the full name or the ARN of a secret");
const list = <T extends z.ZodType>(of: T, needed = "must be a list") =>
  z.array(of, needed).refine((all) => new Set(all).size === all.length, "says one twice");

/** For how long a credential that was used late has to be unused before it is revoked. */
export const unusedFor = duration({ min: "1h", max: "90d" });

/** What a module would say, for a kind whose steps are taken by a program or at a URL. */
const declared = {
  /** What such a secret is, as a sentence without its end. */
  about: z.string("is needed: what such a secret is, e.g. a key of Acme's API").min(1).max(200),
  maxAgeDays: z.number().int().min(1).max(3650).default(90),
  overlap: z.enum(ownOverlaps, `is needed: ${ownOverlaps.join(", ")}`),
  /** Of the credential, e.g. `[id, key]`: its JSON object has them as texts. */
  properties: list(z.string().min(1), "is needed: the properties of a credential, e.g. [id, key]").min(
    1,
    "name at least one",
  ),
  /** Those that are understood. */
  verbs: list(z.enum(verbs, `must be of ${verbs.join(", ")}`), `is needed: of ${verbs.join(", ")}`).min(
    1,
    "name test at least",
  ),
  /** `two-live`: how long the older credential stays valid at least. */
  gracePeriod: duration({ min: "0s", max: "30d" }).optional(),
  /** `two-live` with `lastUsed`: for how long the older credential has not been used when it is revoked. */
  unusedFor: unusedFor.optional(),
  /** Full names or ARNs of the secrets whose current value every request has. */
  reads: list(secretName).default([]),
};

/**
 * A program: one process for each request, JSON on its stdin and its stdout. The first word is a path from the project's
 * folder, which is where it runs, or, without a `/`, a name on the PATH.
 */
export const execSchema = z.strictObject({
  exec: z.array(z.string().min(1)).min(1, "name the program"),
  ...declared,
  /** Names of the variables that it gets, beside PATH, HOME, TZ, the proxies' and the certificates'. */
  environment: list(z.string().regex(/^[A-Za-z_]\w*$/, "must be the name of a variable")).default([]),
});

const isLocal = ({ hostname }: URL) => ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
/** A URL that credentials are sent to. */
export const endpoint = z.url("must be a URL").superRefine((text, { addIssue }) => {
  const url = new URL(text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal(url)))
    addIssue("must be https:// (http:// on localhost alone)");
  if (url.username || url.password) addIssue("must hold no credential: take it from a secret by headersFrom");
});

/** An endpoint: a POST for each request, JSON there and back. */
export const httpSchema = z.strictObject({
  http: z.strictObject({
    url: endpoint,
    /**
     * Headers, each the current value of a secret, or the text of one property of its JSON, after the scheme (`Bearer`) and a
     * blank where one is said. Read for each request.
     */
    headersFrom: z
      .record(
        z.string(),
        z.strictObject({
          secret: secretName,
          property: z.string().min(1).optional(),
          scheme: z
            .string()
            .regex(/^[\w-]+$/, "must be one word, e.g. Bearer")
            .optional(),
        }),
      )
      .refine((headers) => Object.keys(headers).every((name) => /^[\w-]+$/.test(name)), "must have names of headers")
      .default({}),
  }),
  ...declared,
});

/** A module: a path from the project's folder. */
export const moduleSchema = z
  .string()
  .regex(/\.(ts|[cm]?js)$/, "must be the path of a .ts or .js file, from the project's folder");

export type ExecDeclaration = z.output<typeof execSchema>;
export type HttpDeclaration = z.output<typeof httpSchema>;

/** A kind's name is a tag in AWS, and a field of declarations beside those that each has. */
export const kindName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be lower case letters, digits and single -, begun by a letter")
  .max(40)
  .refine((name) => !Object.hasOwn(commonSchema.shape, name), "is a field that every declaration may have");
