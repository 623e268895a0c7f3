import { z } from "zod";
import { endpoint } from "../../../infra/config/rotatorsSchema";
import { type HttpDeclaration, httpSchema } from "./httpSchema";

const admin = z.string().min(1).describe("full name or ARN of the secret that holds the administrator's key");
const url = (byDefault: string) => endpoint.default(byDefault);

/** Keys of a service account in a project of OpenAI's. */
export const openaiSchema = z.strictObject({
  url: url("https://api.openai.com/v1"),
  project: z.string().regex(/^[\w-]+$/, "must be the id of a project, e.g. proj_abc"),
  serviceAccount: z.string().regex(/^[\w-]+$/, "must be the id of a service account, e.g. svc_acct_abc"),
  admin,
});

/**
 * @see https://developers.openai.com/api/reference/resources/admin/subresources/organization/subresources/projects/
 */
export function openai({ url, project, serviceAccount, admin }: z.output<typeof openaiSchema>): HttpDeclaration {
  const at = `/organization/projects/${project}`;
  return httpSchema.parse({
    url,
    auth: { secret: admin },
    create: {
      path: `${at}/service_accounts/${serviceAccount}/api_keys`,
      body: { name: "{name}" },
      ...{ id: "/id", key: "/value" },
    },
    list: {
      path: `${at}/api_keys?limit=100&owner_project_access=any`,
      ...{ items: "/data", id: "/id", name: "/name", lastUsed: "/last_used_at" },
      next: { cursor: "/last_id", parameter: "after", more: "/has_more" },
    },
    delete: { path: `${at}/api_keys/{id}` },
    // A key without the right to list models is known all the same: 403.
    verify: { path: "/models", accepted: [200, 403], refused: [401] },
  });
}

/** Keys of a SendGrid account, or of a subuser. */
export const sendgridSchema = z.strictObject({
  url: url("https://api.sendgrid.com").describe("https://api.eu.sendgrid.com for subusers in the EU"),
  admin,
  /** SendGrid gives a key without scopes all rights of the account: they have to be said. */
  scopes: z.array(z.string().min(1)).min(1, "name at least one, e.g. mail.send: SendGrid takes none for full access"),
  /** Name of a subuser, whose keys they are. */
  subuser: z.string().min(1).optional(),
});

/** @see https://www.twilio.com/docs/sendgrid/api-reference/api-keys */
export function sendgrid({ url, admin, scopes, subuser }: z.output<typeof sendgridSchema>): HttpDeclaration {
  return httpSchema.parse({
    url,
    auth: { secret: admin },
    ...(subuser !== undefined && { headers: { "on-behalf-of": subuser } }),
    create: { path: "/v3/api_keys", body: { name: "{name}", scopes }, id: "/api_key_id", key: "/api_key" },
    list: { path: "/v3/api_keys", items: "/result", id: "/api_key_id", name: "/name" },
    delete: { path: "/v3/api_keys/{id}" },
    // Each key may ask what it may do.
    verify: { path: "/v3/scopes", refused: [401] },
  });
}
