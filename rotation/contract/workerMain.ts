import { loadBundled } from "../bundled";

loadBundled();
// Loaded after that: an import would be before it.
require("./worker");
