import type { z } from "zod";
import type { Problem } from "./problem";

/** Where a kind's objects are in Kubernetes' API. */
export interface KubernetesApi {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** What may be done with objects of Kubernetes, or of AWS. */
export interface Grant {
  readonly actions: readonly string[];
  /** Of AWS: ARNs. */
  readonly resources: readonly string[];
}

interface Named {
  /** Its name in declarations, e.g. `Deployment`. */
  readonly kind: string;
  /** How it comes to the new value, as a sentence without its end. */
  readonly about: string;
}

/** A kind of object in Kubernetes that takes a Kubernetes Secret. A declaration of one says namespace, name, how it takes it. */
export interface KubernetesKind extends Named {
  readonly api: KubernetesApi;
  /** How its pods come to the new value: an annotation on their template restarts them, or nothing is done. */
  readonly restart: "podTemplate" | "none";
  /**
   * Whether its objects are listed to find out what takes a Kubernetes Secret. Those of `false` are known by the ReplicaSets that
   * they control.
   */
  readonly isListed: boolean;
}

/** A kind of consumer in AWS, which takes the secret from Secrets Manager itself. */
export interface AwsKind extends Named {
  /** What a declaration has beside `kind`. */
  readonly fields: z.ZodObject;
  /** Tells two consumers of this kind apart, e.g. `shop/checkout`. @param fields  as the schema reads them */
  id(fields: unknown): string;
  /** What whoever rotates does with these: one grant for each set of actions. @param arn  e.g. `arn:aws:ecs:eu-west-1:123456789012` */
  grants(fields: unknown, arn: (service: string) => string): readonly Grant[];
}

export type ConsumerKind = KubernetesKind | AwsKind;
/** The kinds of consumer that there are, by name. */
export type ConsumerKinds = ReadonlyMap<string, ConsumerKind>;

/** A workload in Kubernetes that takes the secret, with what follows from its kind. */
export interface ConsumerDeclaration {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** `volume`: a mounted file; `env`. For whoever reads the configuration: a rotation restarts either. */
  readonly takes: "volume" | "env";
  /** Who restarts it; undefined: as its annotations say. */
  readonly restart?: "driver" | "reloader" | undefined;
  readonly api: KubernetesApi;
  /** Whether an annotation on its pod template restarts it. */
  readonly isPatched: boolean;
}

/** A consumer in AWS. */
export interface AwsConsumer {
  readonly kind: string;
  /** See AwsKind. */
  readonly id: string;
  /** As its kind's schema reads them. */
  readonly fields: unknown;
}

/** The consumers that one secret declares. */
export interface Consumers {
  /** In Kubernetes. */
  readonly consumers: readonly ConsumerDeclaration[];
  readonly awsConsumers: readonly AwsConsumer[];
}

export interface ParsedConsumers extends Consumers {
  readonly problems: readonly Problem[];
}
