import { getOpenIdConnectProvider } from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { refusal } from "../refusal";
import { audience, githubIssuer } from "./trust";

/**
 * Whether this stack makes GitHub's identity provider: an account has one of it. It makes the one that its state has, or
 * that nobody has made.
 *
 * @returns the ARN of another's; undefined: this stack makes it
 * @throws {RunError} when the one that is there is for other audiences
 */
export async function githubProviderOfOthers(): Promise<string | undefined> {
  if (await isOwn()) return undefined;
  const url = `https://${githubIssuer}`;
  const found = await getOpenIdConnectProvider({ url }).catch((error: unknown) => {
    if (/not found|NoSuchEntity/i.test(String(error))) return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if (found.clientIdLists.includes(audience)) return found.arn;
  throw refusal(
    `secret-rotation:access: the identity provider ${found.arn} takes no tokens for ${audience}: ` +
      `aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${found.arn} --client-id ${audience}`,
  );
}

async function isOwn(): Promise<boolean> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs } = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  return Object.keys(outputs as object).some((urn) =>
    urn.includes("$aws:iam/openIdConnectProvider:OpenIdConnectProvider::"),
  );
}
