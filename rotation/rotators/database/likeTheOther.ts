import { escapeIdentifier, escapeLiteral } from "../../ports/sql";
import type { Attributes, KnownRole, Membership, RoleSetting } from "./knownRoles";
import { settingName, settingValue } from "./settingSql";

/** One of two roles that take turns is made like the other one, that services live by now. */

export interface Statement {
  readonly sql: string;
  /** What a DBA runs instead, when the server refuses it to the superuser's secret; it has no setting's value. */
  readonly cure: string;
  /** For people. */
  readonly what: "creation" | "attribute" | "setting" | "membership";
}

export interface Pair {
  /** The role that gets the password, and what there is of it. */
  readonly role: string;
  readonly now: KnownRole | undefined;
  /** The one that services live by; undefined: there is none, or none is known. */
  readonly like: KnownRole | undefined;
  readonly group: string;
  /** The session's role. */
  readonly me: string;
  /** `server_version_num`. */
  readonly version: number;
}

/** What makes the role a member of its group, that it acts as, and like the other one. Empty: it is so already. */
export function statementsOf(pair: Pair): Statement[] {
  const { role, now, group } = pair;
  const [name, groupName] = [escapeIdentifier(role), escapeIdentifier(group)];
  const create = `CREATE ROLE ${name} LOGIN IN ROLE ${groupName}`;
  const actsAs = now?.settings.find(({ database, name }) => database === null && name === "role")?.value;
  const actAs = `ALTER ROLE ${name} SET role = ${escapeLiteral(group)}`;
  return [
    ...(now ? [] : [{ sql: create, cure: create, what: "creation" } as const]),
    ...attributesOf(pair).map((option) => same(`ALTER ROLE ${name} ${option}`, "attribute")),
    ...membershipsOf(pair).map((sql) => same(sql, "membership")),
    ...settingsOf(pair),
    ...(actsAs === group ? [] : [same(actAs, "setting")]),
  ];
}

function same(sql: string, what: Statement["what"]): Statement {
  return { sql, cure: sql, what };
}

const keywords = {
  superuser: "SUPERUSER",
  inherit: "INHERIT",
  createDb: "CREATEDB",
  createRole: "CREATEROLE",
  replication: "REPLICATION",
  bypassRls: "BYPASSRLS",
} as const satisfies Record<keyof Attributes, string>;

/** What CREATE ROLE gives. */
const fresh = {
  attributes: {
    superuser: false,
    inherit: true,
    createDb: false,
    createRole: false,
    replication: false,
    bypassRls: false,
  },
  connectionLimit: -1,
  validUntil: null,
  isExpired: false,
};

function attributesOf({ now = undefined, like }: Pair): string[] {
  if (!like) return [];
  const is = now ?? fresh;
  const options = (Object.keys(keywords) as (keyof Attributes)[])
    .filter((which) => is.attributes[which] !== like.attributes[which])
    .map((which) => `${like.attributes[which] ? "" : "NO"}${keywords[which]}`);
  if (is.connectionLimit !== like.connectionLimit) options.push(`CONNECTION LIMIT ${like.connectionLimit}`);
  if (endOf(is) !== endOf(like)) options.push(`VALID UNTIL ${escapeLiteral(endOf(like))}`);
  return options;
}

function endOf({ validUntil, isExpired }: Pick<KnownRole, "validUntil" | "isExpired">): string {
  return validUntil ?? (isExpired ? "-infinity" : "infinity");
}

function membershipsOf(pair: Pair): string[] {
  const { role, now, like, group, version } = pair;
  const hasOptions = version >= 160000;
  const member = escapeIdentifier(role);
  const inGroup = { role: group, admin: false, inherit: null, set: true, connects: true };
  const has = now?.memberships ?? [{ ...inGroup, inherit: true }];
  const others = (like?.memberships ?? []).filter((one) => one.role !== role && one.role !== group);
  const wanted = [{ ...inGroup, ...like?.memberships.find((one) => one.role === group), set: true }, ...others];
  return wanted.flatMap((one) => {
    const had = has.find((other) => other.role === one.role);
    if (had && !lacks(had, one, hasOptions)) return [];
    const options = hasOptions ? ` WITH ${optionsOf(one, had)}` : one.admin ? " WITH ADMIN OPTION" : "";
    return [`GRANT ${escapeIdentifier(one.role)} TO ${member}${options}`];
  });
}

function lacks(had: Membership, wanted: Membership, hasOptions: boolean): boolean {
  if (wanted.admin && !had.admin) return true;
  return hasOptions && ((wanted.inherit === true && !had.inherit) || (wanted.set === true && !had.set));
}

function optionsOf(wanted: Membership, had: Membership | undefined): string {
  const option = (keyword: string, one: boolean | null, other: boolean | null | undefined) =>
    one === null ? [] : [`${keyword} ${one || other ? "TRUE" : "FALSE"}`];
  return [
    ...option("ADMIN", wanted.admin, had?.admin),
    ...option("INHERIT", wanted.inherit, had?.inherit),
    ...option("SET", wanted.set, had?.set),
  ].join(", ");
}

/** Without `role`, which says what the role acts as. */
function settingsOf({ role, now, like, me }: Pair): Statement[] {
  if (!like) return [];
  const [is, wanted] = [now?.settings ?? [], like.settings].map((all) => all.filter(({ name }) => name !== "role"));
  const inPlace = ({ database }: RoleSetting) =>
    `ALTER ROLE ${escapeIdentifier(role)}${database === null ? "" : ` IN DATABASE ${escapeIdentifier(database)}`}`;
  const find = (all: readonly RoleSetting[] | undefined, one: RoleSetting) =>
    all?.find(({ database, name }) => database === one.database && name === one.name);
  const reset = is?.filter((one) => !find(wanted, one)) ?? [];
  const set = wanted?.filter((one) => find(is, one)?.value !== one.value) ?? [];
  return [
    ...reset.map((one) => same(`${inPlace(one)} RESET ${settingName(one.name)}`, "setting")),
    ...set.map((one): Statement => {
      const name = settingName(one.name);
      const cure = `GRANT SET ON PARAMETER ${name} TO ${escapeIdentifier(me)}`;
      return { sql: `${inPlace(one)} SET ${name} TO ${settingValue(one)}`, cure, what: "setting" };
    }),
  ];
}

/** What the role has beyond the other one, and keeps: what is granted to it is not the rotation's to take. */
export function beyond({ role, now, like, group }: Pair): string[] {
  if (!now || !like) return [];
  return now.memberships
    .filter(({ role: of }) => of !== group && of !== like.name && !like.memberships.some((one) => one.role === of))
    .map((one) => `REVOKE ${escapeIdentifier(one.role)} FROM ${escapeIdentifier(role)}`);
}
