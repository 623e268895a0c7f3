import { registered } from "../acme";

export default registered();
