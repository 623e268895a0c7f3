import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListResourceTagsCommand,
  NotFoundException,
  PutKeyPolicyCommand,
  paginateListAliases,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { asMap, type PropertyMap } from "../provider/propertyValues";
import { jsonText } from "./jsonText";
import { managed, text } from "./managed";

/** aws:kms/key:Key. @see https://www.pulumi.com/registry/packages/aws/api-docs/kms/key/ */
export const keyType = managed({
  what: "KMS Key",
  schema: {
    inputs: {
      deletionWindowInDays: {},
      description: { computed: true },
      enableKeyRotation: { default: false },
      policy: { computed: true, normal: jsonText },
      region: { forceNew: true, computed: true },
      tags: {},
      tagsAll: { computed: true },
    },
    outputs: ["arn", "keyId"],
  },
  async create({ kms }, inputs) {
    const Tags = tagList(asMap(inputs.tagsAll));
    const [Description, Policy] = [text(inputs, "description"), text(inputs, "policy") || undefined];
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description, Policy, Tags }));
    const KeyId = KeyMetadata?.KeyId ?? "";
    await rotate(kms, KeyId, inputs.enableKeyRotation === true);
    return KeyId;
  },
  async update({ kms }, KeyId, inputs, olds) {
    const Description = text(inputs, "description");
    if (Description !== text(olds, "description"))
      await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description }));
    const Policy = text(inputs, "policy");
    if (Policy !== "" && jsonText(Policy) !== jsonText(text(olds, "policy")))
      await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    await rotate(kms, KeyId, inputs.enableKeyRotation === true);
    const [before, after] = [asMap(olds.tagsAll), asMap(inputs.tagsAll)];
    const TagKeys = Object.keys(before).filter((key) => !(key in after));
    if (TagKeys.length > 0) await kms.send(new UntagResourceCommand({ KeyId, TagKeys }));
    if (Object.keys(after).length > 0) await kms.send(new TagResourceCommand({ KeyId, Tags: tagList(after) }));
  },
  async describe({ kms, config }, KeyId, known) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    if (KeyMetadata?.DeletionDate) {
      throw new NotFoundException({ message: `${KeyId} is scheduled for deletion`, $metadata: {} });
    }
    const { KeyRotationEnabled } = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    const { Policy = "" } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }));
    const isSame = jsonText(Policy) === jsonText(text(known, "policy"));
    const { Tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId }));
    const tagsAll = Object.fromEntries(Tags.map(({ TagKey = "", TagValue = "" }) => [TagKey, TagValue]));
    const own = Object.entries(tagsAll).filter(([key, value]) => config.defaultTags[key] !== value);
    return {
      arn: KeyMetadata?.Arn ?? null,
      description: KeyMetadata?.Description ?? "",
      enableKeyRotation: KeyRotationEnabled ?? false,
      keyId: KeyMetadata?.KeyId ?? null,
      policy: isSame ? text(known, "policy") : Policy,
      tags: Object.fromEntries(own),
      tagsAll,
    };
  },
  async delete({ kms }, KeyId, { deletionWindowInDays }) {
    const PendingWindowInDays = Number(deletionWindowInDays ?? 30);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
  },
});

async function rotate(kms: KMSClient, KeyId: string, on: boolean): Promise<void> {
  await kms.send(on ? new EnableKeyRotationCommand({ KeyId }) : new DisableKeyRotationCommand({ KeyId }));
}

function tagList(tags: PropertyMap): { TagKey: string; TagValue: string }[] {
  return Object.entries(tags).map(([TagKey, value]) => ({ TagKey, TagValue: String(value) }));
}

/** aws:kms/alias:Alias. @see https://www.pulumi.com/registry/packages/aws/api-docs/kms/alias/ */
export const aliasType = managed({
  what: "KMS Alias",
  schema: {
    inputs: {
      name: { forceNew: true, computed: true },
      region: { forceNew: true, computed: true },
      targetKeyId: { required: true },
    },
    outputs: ["arn", "targetKeyArn"],
  },
  async create({ kms }, inputs) {
    const AliasName = text(inputs, "name");
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: text(inputs, "targetKeyId") }));
    return AliasName;
  },
  async update({ kms }, AliasName, inputs) {
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: text(inputs, "targetKeyId") }));
  },
  async describe({ kms }, id) {
    for await (const { Aliases = [] } of paginateListAliases({ client: kms }, {})) {
      const found = Aliases.find(({ AliasName }) => AliasName === id);
      if (!found) continue;
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: found.TargetKeyId }));
      return {
        arn: found.AliasArn ?? null,
        name: id,
        targetKeyArn: KeyMetadata?.Arn ?? null,
        targetKeyId: found.TargetKeyId ?? null,
      };
    }
    throw new NotFoundException({ message: `there is no alias ${id}`, $metadata: {} });
  },
  async delete({ kms }, AliasName) {
    await kms.send(new DeleteAliasCommand({ AliasName }));
  },
});
