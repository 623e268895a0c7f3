/** How PostgreSQL writes a name and a text in a statement. */
export { escapeIdentifier, escapeLiteral } from "pg";
