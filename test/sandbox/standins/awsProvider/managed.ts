import type { PropertyMap } from "../provider/propertyValues";
import { asString, revealMap, withoutNothing, withSecretsOf } from "../provider/propertyValues";
import { PartialError, type ResourceType } from "../provider/provider";
import { type Api, apiOf } from "./api";
import { type AwsConfig, awsError, isGone, retryWhile } from "./client";
import type { Schema } from "./propertySchema";
import { offline, readInputs, recorded } from "./schema";

/** What of a resource's type is its own; values come without marks. */
export interface Managed {
  /** In Terraform's words, for errors: `S3 Bucket`. */
  readonly what: string;
  readonly schema: Schema;
  /** What the id alone says, for an import; default: the bucket, where there is one. */
  known?(id: string): PropertyMap;
  /** @returns its id */
  create(api: Api, inputs: PropertyMap): Promise<string>;
  update(api: Api, id: string, inputs: PropertyMap, olds: PropertyMap): Promise<void>;
  /**
   * The outputs as AWS tells them, null for what is not set; throws what AWS says of what is gone. What AWS does not tell is
   * taken from `known`.
   */
  describe(api: Api, id: string, known: PropertyMap): Promise<PropertyMap>;
  delete(api: Api, id: string, olds: PropertyMap): Promise<void>;
}

/** The type of a resource whose calls to AWS all have the same course: do it, then read what came of it. */
export function managed({ what, schema, ...own }: Managed): ResourceType<AwsConfig> {
  const outputsOf = async (api: Api, id: string, known: PropertyMap) => {
    const plain = revealMap(known);
    const kept = recorded(schema, plain);
    const told = await own.describe(api, id, plain);
    const region = "region" in schema.inputs ? api.region : undefined;
    return withSecretsOf(withoutNothing({ ...kept, region, ...told }), recorded(schema, known));
  };
  return {
    ...offline(schema),

    async create(call) {
      const api = apiOf(call);
      const id = await own.create(api, revealMap(call.inputs)).catch((error) => {
        throw awsError(`creating ${what} (${call.name})`, error);
      });
      try {
        return { id, outputs: await retryWhile(() => outputsOf(api, id, call.inputs), isGone, call.signal) };
      } catch (error) {
        const reason = awsError(`reading ${what} (${id}) after its creation`, error);
        throw new PartialError(reason.message, id, recorded(schema, call.inputs), [reason.message]);
      }
    },

    async read(call) {
      const imported = Object.keys(call.oldOutputs).length === 0;
      const byId = own.known ?? ((id) => ("bucket" in schema.inputs ? { bucket: id } : {}));
      const known: PropertyMap = imported ? byId(call.id) : call.oldOutputs;
      try {
        const outputs = await outputsOf(apiOf({ ...call, inputs: known }), call.id, known);
        return { id: call.id, outputs, inputs: readInputs(schema, outputs, call.oldInputs) };
      } catch (error) {
        if (isGone(error)) return undefined;
        throw awsError(`reading ${what} (${call.id})`, error);
      }
    },

    async update(call) {
      const api = apiOf(call);
      try {
        await own.update(api, call.id, revealMap(call.inputs), revealMap(call.oldOutputs));
        return await outputsOf(api, call.id, call.inputs);
      } catch (error) {
        throw awsError(`updating ${what} (${call.id})`, error);
      }
    },

    async delete(call) {
      const api = apiOf({ ...call, inputs: call.oldOutputs });
      try {
        await own.delete(api, call.id, revealMap(call.oldOutputs));
      } catch (error) {
        if (!isGone(error)) throw awsError(`deleting ${what} (${call.id})`, error);
      }
    },
  };
}

/** The text of an input that the schema requires. */
export function text(inputs: PropertyMap, name: string): string {
  return asString(inputs[name]) ?? "";
}
