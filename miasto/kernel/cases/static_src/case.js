// The public page of a case.
import { startCopy } from "./lib/copy.js";

startCopy(document);
