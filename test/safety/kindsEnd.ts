import { tags } from "../../infra/names";
import { versionWith } from "../../rotation/ports/secretsManager";
import { certificateIn, certificatesIn } from "../../rotation/rotators/certificate/value";
import type { KindsSite } from "../kinds/site";
import type { KindRun, PhasedName, PhasedRun } from "./kindPoints";
import { lostIn, type SecretWorld, secretWorld } from "./world";

/** By name. */
export type Credentials = ReadonlyMap<PhasedName, string>;

/** Which credential consumers get by AWSCURRENT: the id of a key, a serial, a kid. */
export async function credentialsOf(site: KindsSite, names: readonly PhasedName[]): Promise<Credentials> {
  const all = names.map(
    async (name) => [name, credentialIn(name, (await site.value(name, "AWSCURRENT")) ?? "")] as const,
  );
  return new Map(await Promise.all(all));
}

function credentialIn(name: PhasedName, value: string): string {
  if (name === "web-tls") return certificateIn(value)?.serial ?? "";
  const { id = "", kid = id } = JSON.parse(value) as { id?: string; kid?: string };
  return kid;
}

/** Keys at the issuer, CAs in the bundle, keys in the public set. */
async function countOf(site: KindsSite, name: PhasedName): Promise<number> {
  if (name === "acme" || name === "mailer") return (await site.issuer.keys(name)).length;
  const value = (await site.value(name, "AWSCURRENT")) ?? "";
  if (name === "web-tls") return certificatesIn(certificateIn(value)?.ca ?? "").length;
  const { jwks } = JSON.parse(value) as { jwks: string };
  return (JSON.parse(jwks) as { keys: unknown[] }).keys.length;
}

/** The secrets whose credential is lost: what their consumers have is stored no more, or what is current is accepted no more. */
export async function lostOf(site: KindsSite, names: readonly PhasedName[]): Promise<string[]> {
  const secrets = site.secrets.filter(({ name }) => names.includes(name as PhasedName));
  const world = await worldOf(site, names);
  const isRefused = ({ accepted }: SecretWorld) => accepted.AWSCURRENT === false;
  const refused = [...world].filter(([name, found]) => name !== "tokens" && isRefused(found)).map(([name]) => name);
  return [...new Set([...lostIn({ secrets: Object.fromEntries(world) }, secrets), ...refused])];
}

async function worldOf(site: KindsSite, names: readonly PhasedName[]): Promise<Map<PhasedName, SecretWorld>> {
  const all = names.map(async (name) => {
    const secret = site.secrets.find((declared) => declared.name === name);
    if (!secret) throw new Error(`${name} is not declared`);
    return [name, await secretWorld(secret, site, site.ports)] as const;
  });
  return new Map(await Promise.all(all));
}

/** Ids of the keys at their issuers that no labelled version has. */
export async function orphansOf(site: KindsSite): Promise<string[]> {
  const names = ["acme", "mailer"] as const;
  const left = names.map(async (name) => {
    const values = await Promise.all(["AWSCURRENT", "AWSPREVIOUS"].map((label) => site.value(name, label)));
    return (await site.issuer.keys(name)).filter(({ id }) => !values.some((value) => value?.includes(id)));
  });
  return (await Promise.all(left)).flat().map(({ id }) => id);
}

/** What is not as a run leaves it that nobody disturbs, secret by secret. */
export async function wrongAfter(
  site: KindsSite,
  { secrets }: KindRun,
  before: Credentials,
): Promise<{ secret: string; text: string }[]> {
  const names = Object.keys(secrets) as PhasedName[];
  const [now, world] = [await credentialsOf(site, names), await worldOf(site, names)];
  const problems = names.map(async (name) => {
    const { phase, isNew, count } = secrets[name] as PhasedRun;
    const { tags: stamped, stages } = await site.live(name);
    const current = versionWith("AWSCURRENT", { stages } as never);
    const facts: [string, unknown, unknown][] = [
      ["its phase is", stamped[tags.phase], phase],
      ["the stamped version is", stamped[tags.rotatedVersion], current],
      ["in Kubernetes is", Object.values(world.get(name)?.inKubernetes ?? {}).join(), current],
      ["its credential is another one:", now.get(name) !== before.get(name), isNew],
      ["there are", await countOf(site, name), count],
    ];
    return facts
      .filter(([, is, wanted]) => is !== wanted)
      .map(([what, is, wanted]) => ({ secret: name, text: `${what} ${is}, not ${wanted}` }));
  });
  return (await Promise.all(problems)).flat();
}
