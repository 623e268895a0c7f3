/** How an account of the test's issuer is declared as the issuer of API keys, by the shape of its API. */
export function declaredIssuers(url: string, account: string, admin: string) {
  const acme = {
    url: `${url}/accounts/${account}`,
    auth: { secret: admin },
    create: { path: "/keys", body: { label: "{name}" }, id: "/id", key: "/key" },
    list: { path: "/keys", items: "/keys", id: "/id", name: "/label", lastUsed: "/lastUsedAt" },
    delete: { path: "/keys/{id}" },
    verify: { by: "issuer", method: "POST", path: "/verify", body: { key: "{key}" }, verdict: "/accepted" },
  };
  return {
    http: { http: acme },
    openai: { openai: { url: `${url}/v1`, project: account, serviceAccount: "svc_acct_1", admin } },
    sendgrid: { sendgrid: { url, admin, scopes: ["mail.send"] } },
  } as const;
}
