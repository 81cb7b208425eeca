// A receipt held against the whole bulletin in the browser, so that nobody learns which ballot is asked about.
import { rootOf, signed } from "./lib/merkle.js";
import * as receipts from "./lib/receipts.js";

const place = document.querySelector("[data-vote-check]");
if (place && crypto.subtle) start(place);

function start(place) {
  const { election } = place.dataset;
  const own = place.querySelector("[data-vote-check-own]");
  const forget = place.querySelector("[data-vote-own-forget]");
  const entry = receipts.read(election);
  place.hidden = false;
  own.hidden = forget.hidden = !entry;
  own.addEventListener("click", () => tell(place, entry.receipt));
  forget.querySelector("button").addEventListener("click", () => {
    receipts.forget(election);
    own.hidden = forget.hidden = true;
  });
  place.querySelector("[type=file]").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    try {
      const found = JSON.parse(await file.text());
      await tell(place, found.receipt || found);
    } catch {
      say(place, "Unreadable");
    }
  });
}

function say(place, what, more = "") {
  const verdict = place.querySelector("[data-vote-verdict]");
  verdict.textContent = `${place.dataset[`text${what}`]} ${more}`.trim();
  verdict.dataset.verdict = what.toLowerCase();
}

async function tell(place, receipt) {
  say(place, "Working");
  try {
    if (receipt.election !== place.dataset.election) return say(place, "Forged");
    const genuine = await signed(receipt, place.dataset.key);
    if (genuine === false) return say(place, "Forged");
    const more = genuine ? place.dataset.textSigned : "";
    if (!place.dataset.bulletin) return say(place, "Early", more);
    const lines = await bulletin(place.dataset.bulletin);
    if (lines === null) return say(place, "Failed");
    if ((await rootOf(lines)) !== place.dataset.root) return say(place, "Root");
    return say(place, lines.includes(`${receipt.number} ${receipt.digest}`) ? "In" : "Absent", more);
  } catch {
    return say(place, "Unreadable");
  }
}

async function bulletin(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? (await answer.text()).split("\n").filter(Boolean) : null;
  } catch {
    return null;
  }
}
