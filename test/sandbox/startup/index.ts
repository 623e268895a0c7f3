import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { awsEnvironment, writeEnvironment } from "../env";
import { makePulumiBin } from "../parts/pulumiBin";
import { freePort } from "../process/freePort";
import { databaseName, rotatorRole } from "../seeds/postgres";
import { startKubernetes } from "./kubernetes";
import { startMoto, startPostgres } from "./servers";
import { randomPassword, type Startup, together } from "./startup";

/** Starts all parts, each as soon as what it needs is there, fills them, and at the very end writes the env file. */
export async function startAll(startup: Startup): Promise<void> {
  const { paths, tools } = startup;
  const motoPort = await freePort();
  const postgresPort = await freePort();
  const login = { host: "127.0.0.1", port: postgresPort, dbname: databaseName, username: rotatorRole };
  const rotator = { ...login, password: randomPassword() };
  const aws = awsEnvironment(motoPort);
  for (const folder of [paths.pulumiHome, paths.pulumiState]) mkdirSync(folder, { mode: 0o700 });
  makePulumiBin(paths, tools);
  const plugins = join(paths.pulumiHome, "plugins");
  mkdirSync(plugins);
  for (const { name, version, folder } of tools.plugins) {
    // Pulumi does not look into a folder that is a symbolic link.
    const own = join(plugins, `resource-${name}-v${version}`);
    mkdirSync(own);
    for (const file of readdirSync(folder)) symlinkSync(join(folder, file), join(own, file));
  }
  const [postgres, providers] = await together(startup, [
    startPostgres(startup, postgresPort, rotator.password),
    startKubernetes(startup, aws),
    startMoto(startup, motoPort, aws.AWS_REGION, rotator),
  ]);
  writeEnvironment(paths, { aws, postgres, database: databaseName, debugProviders: providers });
}
