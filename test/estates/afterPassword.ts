import { type Postgres, postgres } from "../../rotation/ports/postgres";

/**
 * The real port, and what happens as soon as a role's password is committed.
 *
 * @param then  `nth`: how often this role got one through this port, from 1
 */
export function afterPassword(then: (role: string, nth: number) => Promise<unknown>): Postgres {
  const times = new Map<string, number>();
  return {
    ...postgres,
    async as(login, work) {
      let role: string | undefined;
      const result = await postgres.as(login, (session) =>
        work({
          ...session,
          async query(sql, parameters) {
            if (sql.includes("secret_rotation.role'")) role ??= parameters?.[0] as string | undefined;
            return session.query(sql, parameters);
          },
        }),
      );
      if (role !== undefined) {
        const nth = (times.get(role) ?? 0) + 1;
        times.set(role, nth);
        await then(role, nth);
      }
      return result;
    },
  };
}
