import type { Rotators } from "../../infra/config/rotator";
import { apiKey } from "./apiKey";
import { app } from "./app";
import { certificate } from "./certificate";
import { database } from "./database";
import { jwt } from "./jwt";
import { signingKeys } from "./signingKeys";
import { sshKey } from "./sshKey";

/** The kinds that come with the project, each a row. A stack may name more: `secret-rotation:rotators`. */
export const builtIn: Rotators = new Map(
  [database, apiKey, app, jwt, signingKeys, certificate, sshKey].map((rotator) => [rotator.kind, rotator]),
);
