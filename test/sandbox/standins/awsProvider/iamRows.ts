import { jsonText } from "./jsonText";
import type { Row, RowProperty } from "./row";

const tags: Readonly<Record<string, RowProperty>> = { tags: {}, tagsAll: { computed: true } };
const name: RowProperty = { forceNew: true, computed: true, autonamed: { unless: "namePrefix" } };
const namePrefix: RowProperty = { forceNew: true, computed: true, untold: true };
/** @see https://www.pulumi.com/registry/packages/aws/api-docs/iam/ */
export const iamRows: Readonly<Record<string, Row>> = {
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    what: "IAM OIDC Provider",
    service: "iam",
    inputs: {
      // moto knows no operation that changes it.
      clientIdLists: { required: true, set: true, api: "ClientIDList" },
      thumbprintLists: { computed: true, api: "ThumbprintList" },
      url: { required: true, forceNew: true, normal: (url) => url.replace(/^https:\/\//, "") },
      ...tags,
    },
    outputs: { arn: { api: "OpenIDConnectProviderArn" } },
    key: ["arn"],
    create: { operation: "createOpenIDConnectProvider", sends: ["url", "clientIdLists", "thumbprintLists", "Tags"] },
    read: { operation: "getOpenIDConnectProvider" },
    update: [{ operation: "updateOpenIDConnectProviderThumbprint", sends: ["arn", "thumbprintLists"] }],
    remove: { operation: "deleteOpenIDConnectProvider" },
    tags: {
      set: { operation: "tagOpenIDConnectProvider", sends: ["arn", "Tags"] },
      unset: { operation: "untagOpenIDConnectProvider", sends: ["arn", "TagKeys"] },
    },
  },

  "aws:iam/role:Role": {
    what: "IAM Role",
    service: "iam",
    inputs: {
      assumeRolePolicy: { required: true, normal: jsonText, api: "AssumeRolePolicyDocument" },
      description: {},
      forceDetachPolicies: { default: false, untold: true },
      maxSessionDuration: { default: 3600 },
      name: { ...name, api: "RoleName" },
      namePrefix,
      path: { default: "/", forceNew: true },
      ...tags,
    },
    outputs: { arn: {}, createDate: {}, uniqueId: { api: "RoleId" } },
    key: ["name"],
    create: {
      operation: "createRole",
      sends: ["name", "assumeRolePolicy", "description", "maxSessionDuration", "path", "Tags"],
    },
    read: { operation: "getRole", at: ({ Role }) => Role },
    update: [
      {
        operation: "updateAssumeRolePolicy",
        sends: ["assumeRolePolicy"],
        request: ({ name, assumeRolePolicy }) => ({ RoleName: name, PolicyDocument: assumeRolePolicy }),
      },
      {
        operation: "updateRole",
        sends: ["description", "maxSessionDuration"],
        request: ({ name, description, maxSessionDuration }) => ({
          ...{ RoleName: name, Description: description ?? "", MaxSessionDuration: maxSessionDuration },
        }),
      },
    ],
    remove: { operation: "deleteRole" },
    tags: {
      set: { operation: "tagRole", sends: ["name", "Tags"] },
      unset: { operation: "untagRole", sends: ["name", "TagKeys"] },
    },
  },

  "aws:iam/rolePolicy:RolePolicy": {
    what: "IAM Role Policy",
    service: "iam",
    inputs: {
      name: { ...name, api: "PolicyName" },
      namePrefix,
      policy: { required: true, normal: jsonText, api: "PolicyDocument" },
      role: { required: true, forceNew: true, api: "RoleName" },
    },
    key: ["role", "name"],
    create: { operation: "putRolePolicy", sends: ["role", "name", "policy"] },
    read: { operation: "getRolePolicy" },
    update: [{ operation: "putRolePolicy", sends: ["role", "name", "policy"] }],
    remove: { operation: "deleteRolePolicy" },
  },
};
