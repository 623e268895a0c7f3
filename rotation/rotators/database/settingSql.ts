import { escapeIdentifier, escapeLiteral } from "../../ports/sql";
import type { RoleSetting } from "./knownRoles";

/**
 * The settings whose value is a list of quoted names: one literal would be taken for one name. No extension may have more.
 *
 * @see https://github.com/postgres/postgres/blob/master/src/bin/pg_dump/dumputils.c: variable_is_guc_list_quote
 */
const listsOfNames = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "shared_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

/** `app.tenant` is two names. */
export function settingName(name: string): string {
  return name.split(".").map(escapeIdentifier).join(".");
}

/** The value after SET … TO, for what the catalogue keeps. */
export function settingValue({ name, value }: Pick<RoleSetting, "name" | "value">): string {
  const values = listsOfNames.has(name.toLowerCase()) ? namesIn(value) : [value];
  return values.map((each) => escapeLiteral(each)).join(", ");
}

/** `"$user", public` is `$user` and `public`. */
function namesIn(list: string): string[] {
  const names = [...list.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,"]+))\s*(?:,|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trim() ?? "",
  );
  return names.length === 0 ? [""] : names;
}
