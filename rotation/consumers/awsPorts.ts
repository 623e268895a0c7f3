/** What the kinds in AWS are looked at and restarted by; the ports are. */
export interface ConsumerPorts {
  readonly ecs: EcsServices;
  readonly lambda: LambdaFunctions;
}

type Texts = ReadonlyMap<string, string>;

/** What is asked of ECS. */
export interface EcsServices {
  /** Undefined: there is none, or it was deleted. */
  service(cluster: string, name: string): Promise<EcsServiceState | undefined>;
  tag(arn: string, tags: Texts): Promise<void>;
  /** Starts a new deployment of what the service runs already. */
  redeploy(cluster: string, name: string): Promise<void>;
}

export interface EcsServiceState {
  readonly arn: string;
  readonly status: string;
  /** `ECS`, `CODE_DEPLOY` or `EXTERNAL`. */
  readonly controller: string;
  readonly tags: Texts;
  readonly deployments: readonly EcsDeployment[];
}

export interface EcsDeployment {
  readonly id: string;
  /** PRIMARY, ACTIVE or INACTIVE. */
  readonly status: string;
  /** COMPLETED, FAILED or IN_PROGRESS. */
  readonly rolloutState: string;
  readonly reason: string;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
}

/** What is asked of Lambda. */
export interface LambdaFunctions {
  /** Of $LATEST, or of a published version; undefined: there is none. */
  configuration(name: string, version?: string): Promise<LambdaConfiguration | undefined>;
  alias(name: string, alias: string): Promise<LambdaAlias | undefined>;
  /** Sets the variables of $LATEST, if it is as it was read. */
  setVariables(name: string, variables: Variables, revisionId: string | undefined): Promise<void>;
  /** Publishes $LATEST, if it has this code; where nothing has changed since the last version, that one. @returns the version */
  publish(name: string, codeSha256: string): Promise<string>;
  moveAlias(name: string, alias: string, version: string, revisionId: string | undefined): Promise<void>;
}

export type Variables = Readonly<Record<string, string>>;

export interface LambdaConfiguration {
  /** Undefined: they may not be read, so that nothing may be written. */
  readonly variables: Variables | undefined;
  readonly codeSha256: string;
  /** Whatever else makes a version what it is, as one text. */
  readonly settings: string;
  readonly timeoutSeconds: number;
  readonly modifiedAt: Date;
  /** Pending, Active, Inactive or Failed. */
  readonly state: string;
  /** Successful, Failed or InProgress. */
  readonly lastUpdate: string;
  /** Why the last update, or the state, is what it is. */
  readonly reason: string;
  readonly revisionId: string | undefined;
}

export interface LambdaAlias {
  readonly version: string;
  /** Whether it divides the calls between two versions. */
  readonly isWeighted: boolean;
  readonly revisionId: string | undefined;
}
