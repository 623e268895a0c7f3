// The SDK makes objects of a resource's properties again for each policy of the pack, which would cost more than all that
// the policies do with them. Here it makes them once a request, and each policy gets the same. There is no other way than
// to replace these two functions inside of the SDK, whose version the package pins.
import { oncePerObject } from "./once";

type Deserialize = (properties: object, keepSecrets: boolean) => object;

const deserialize: { deserializeProperties: Deserialize } = require("@pulumi/policy/deserialize");
const proxy: { unknownCheckingProxy: (props: object) => object } = require("@pulumi/policy/proxy");

const { deserializeProperties } = deserialize;
const deserializeOnce = oncePerObject((properties) => deserializeProperties(properties, false));

// A remediation keeps secrets apart and may change what it gets: it has objects of its own.
deserialize.deserializeProperties = (properties, keepSecrets) =>
  keepSecrets ? deserializeProperties(properties, keepSecrets) : deserializeOnce(properties);
proxy.unknownCheckingProxy = oncePerObject(proxy.unknownCheckingProxy);
