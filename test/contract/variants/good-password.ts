import { password } from "../acme";

export default password();
