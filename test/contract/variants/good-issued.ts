import { acme } from "../acme";

export default acme();
