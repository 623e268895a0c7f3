export const stack = "guarded";
export const account = "123456789012";
export const region = "eu-west-1";
export const repository = "acme/secrets";
/** A secret of another environment. */
export const strange = "other/shop/key";
/** A user of IAM whose access keys the stack rotates. */
export const uploader = "guarded-uploader";
/** Of the sandbox's API server. */
export const clusterIssuer = "https://kubernetes.default.svc";
/** Name of the service account by which External Secrets reads. */
export const reader = "external-secrets";
