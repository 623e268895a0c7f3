import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openPool } from "./service/database";
import { drainOn } from "./service/drain";
import { requestHandler } from "./service/routes";
import { secretSource } from "./service/secretSource";
import { readSettings } from "./service/settings";
import { createTokens } from "./service/tokens";

/**
 * What a service looks like that loses no request when its secrets are rotated:
 * credentials are read at each new connection, tokens of the previous key still verify, SIGTERM drains before it stops.
 */
const settings = readSettings(process.env);
const secrets = secretSource(process.env);
const pools = {
  orders: openPool("orders", secrets.database, settings.poolMaxLifetimeSeconds),
  reports: openPool("reports", secrets.database, settings.poolMaxLifetimeSeconds),
};
const tokens = createTokens(secrets.jwtKeys, settings.keyActivationSeconds);
const state = { draining: false };

const server = createServer(requestHandler({ secrets, pools, tokens, state }));
// Longer than any client keeps an idle connection, so that it is the client who closes it and never mid-request.
server.keepAliveTimeout = 65_000;
server.listen(settings.port, settings.podIp, () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(`listening on http://${address}:${port}`);
});

drainOn("SIGTERM", { server, pools: Object.values(pools), state, lameduckSeconds: settings.lameduckSeconds });
