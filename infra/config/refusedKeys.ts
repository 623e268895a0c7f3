const follows = "is not supported: the ExternalSecret is the rotation's";
const unchanged = `${follows}, which proves that the Kubernetes Secret holds the value as it is`;
const reads = `${follows}, and External Secrets reads what is AWSCURRENT`;

/** What an ExternalSecret of one's own could have, and a declaration has not, with the reason. */
const ofExternalSecret: Readonly<Record<string, string>> = {
  template: `${unchanged}: let the service read the keys, or keep a template in an ExternalSecret of your own`,
  decodingStrategy: `${unchanged}: store what the service is to read`,
  conversionStrategy: `${unchanged}: name the key as the service is to read it`,
  metadataPolicy: unchanged,
  version: reads,
  remoteRef: `${follows}: write property beside key`,
  secretKey: `${follows}: write key`,
  data: `${follows}: list keys`,
  dataFrom: `${follows}: list keys`,
  secretStoreRef: `${follows}, with a SecretStore in each namespace`,
  creationPolicy: `${follows}, which is Owner`,
  deletionPolicy: `${follows}, which is Retain`,
};

/** Why a key that the schema does not know is refused. */
export function refusal(path: string, key: string): string {
  const known = path.includes("externalSecret") ? ofExternalSecret[key] : undefined;
  return known ?? "is not a known key: remove or correct it";
}
