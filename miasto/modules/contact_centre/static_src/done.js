// The page after sending: copying the secret link, printing.
import { startCopy } from "../../../kernel/cases/static_src/lib/copy.js";

startCopy(document);
document.querySelector("[data-print]")?.addEventListener("click", () => print());
