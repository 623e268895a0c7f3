// The one place that knows the engine's messages (proto/pulumi/provider.proto): requests to calls, results to responses.
import * as grpc from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import type { Diff } from "./diff";
import { formatPath } from "./propertyPath";
import { fromStruct, toStruct } from "./propertyValues";
import { type CheckResult, PartialError, type Read, type ResourceCall } from "./provider";

/** What is known of a call before its request is read. */
export interface CallContext<Config> {
  readonly config: Config;
  readonly signal: AbortSignal;
}

function resourceCall<Config>(urn: string, { config, signal }: CallContext<Config>): ResourceCall<Config> {
  const parts = urn.split("::");
  const type = parts[2]?.split("$").pop() ?? "";
  return { urn, type, name: parts.slice(3).join("::"), config, signal };
}

const seconds = (timeout: number): number | undefined => (timeout > 0 ? timeout : undefined);

export function checkCall<Config>(request: pb.CheckRequest, context: CallContext<Config>) {
  return {
    ...resourceCall(request.getUrn(), context),
    oldInputs: request.hasOlds() ? fromStruct(request.getOlds()) : undefined,
    inputs: fromStruct(request.getNews()),
    randomSeed: request.getRandomseed_asU8(),
    proposedName: request.getAutonaming()?.getProposedName() || undefined,
  };
}

export function diffCall<Config>(request: pb.DiffRequest, context: CallContext<Config>) {
  return {
    ...resourceCall(request.getUrn(), context),
    id: request.getId(),
    oldInputs: fromStruct(request.getOldInputs()),
    oldOutputs: fromStruct(request.getOlds()),
    inputs: fromStruct(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

export function createCall<Config>(request: pb.CreateRequest, context: CallContext<Config>) {
  return {
    ...resourceCall(request.getUrn(), context),
    inputs: fromStruct(request.getProperties()),
    timeoutSeconds: seconds(request.getTimeout()),
  };
}

export function readCall<Config>(request: pb.ReadRequest, context: CallContext<Config>) {
  return {
    ...resourceCall(request.getUrn(), context),
    id: request.getId(),
    oldInputs: fromStruct(request.getInputs()),
    oldOutputs: fromStruct(request.getProperties()),
  };
}

export function updateCall<Config>(request: pb.UpdateRequest, context: CallContext<Config>) {
  return {
    ...resourceCall(request.getUrn(), context),
    id: request.getId(),
    oldInputs: fromStruct(request.getOldInputs()),
    oldOutputs: fromStruct(request.getOlds()),
    inputs: fromStruct(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
    timeoutSeconds: seconds(request.getTimeout()),
  };
}

export function deleteCall<Config>(request: pb.DeleteRequest, context: CallContext<Config>) {
  return {
    ...resourceCall(request.getUrn(), context),
    id: request.getId(),
    oldInputs: fromStruct(request.getOldInputs()),
    oldOutputs: fromStruct(request.getProperties()),
    timeoutSeconds: seconds(request.getTimeout()),
  };
}

export function checkResponse({ inputs, failures }: CheckResult): pb.CheckResponse {
  const messages = failures.map(({ property, reason }) =>
    new pb.CheckFailure().setProperty(property).setReason(reason),
  );
  return new pb.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(messages);
}

const kinds = {
  add: { plain: pb.PropertyDiff.Kind.ADD, replace: pb.PropertyDiff.Kind.ADD_REPLACE },
  delete: { plain: pb.PropertyDiff.Kind.DELETE, replace: pb.PropertyDiff.Kind.DELETE_REPLACE },
  update: { plain: pb.PropertyDiff.Kind.UPDATE, replace: pb.PropertyDiff.Kind.UPDATE_REPLACE },
} as const;

export function diffResponse({ changes, deleteBeforeReplace }: Diff): pb.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse()
    .setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setHasdetaileddiff(true);
  const replacing = changes.filter(({ replace }) => replace);
  response.setReplacesList(replacing.map(({ path }) => formatPath(path))).setDeletebeforereplace(deleteBeforeReplace);
  response.setDiffsList([...new Set(changes.map(({ path }) => String(path[0])))]);
  for (const { path, kind, replace } of changes) {
    const message = new pb.PropertyDiff().setKind(kinds[kind][replace ? "replace" : "plain"]);
    response.getDetaileddiffMap().set(formatPath(path), message);
  }
  return response;
}

export function readResponse(read: Read | undefined): pb.ReadResponse {
  if (!read) return new pb.ReadResponse(); // an empty id: it is gone
  const response = new pb.ReadResponse().setId(read.id);
  return response.setProperties(toStruct(read.outputs)).setInputs(toStruct(read.inputs));
}

/** The error as the engine wants it; a PartialError carries what there is in the status details. */
export function serviceError(error: unknown): grpc.ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof PartialError) {
    const detail = new pb.ErrorResourceInitFailed().setId(error.id).setProperties(toStruct(error.outputs));
    detail.setReasonsList([...error.reasons]);
    if (error.inputs) detail.setInputs(toStruct(error.inputs));
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([any]);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}
