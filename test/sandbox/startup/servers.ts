import { motoPart } from "../parts/moto";
import { createCluster, type PostgresServer, postgresPart } from "../parts/postgres";
import { type DatabaseLogin, seedAws } from "../seeds/aws";
import { seedPostgres } from "../seeds/postgres";
import { randomPassword, type Startup, start } from "./startup";

/** PostgreSQL with the application's database in it. */
export async function startPostgres(startup: Startup, port: number, rotatorPassword: string): Promise<PostgresServer> {
  const { paths, tools, postgresData } = startup;
  const server = await createCluster(tools.postgres, paths, postgresData, port, randomPassword());
  await start(startup, postgresPart(tools.postgres, server));
  await seedPostgres(server, rotatorPassword);
  return server;
}

/** The AWS endpoints with the database's superuser secret in them. */
export async function startMoto(startup: Startup, port: number, region: string, login: DatabaseLogin): Promise<void> {
  await start(startup, motoPart(startup.tools.moto, port));
  await seedAws(`http://127.0.0.1:${port}`, region, login);
}
