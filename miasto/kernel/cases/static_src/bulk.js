// The progress of a run is read anew while it goes on; without scripts there is a link for it.
const EVERY_MS = 2000;

async function refresh() {
  const shown = document.querySelector("[data-bulk-going]");
  if (!shown || document.hidden) return;
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "live" } }).catch(() => null);
  if (!answer?.ok) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(shown.id);
  if (!found) return;
  const status = shown.querySelector("[role=status]");
  const fresh = found.querySelector("[role=status]");
  if (found.hasAttribute("data-bulk-going") && status && fresh) status.replaceChildren(...fresh.childNodes);
  else shown.replaceWith(found);
}

setInterval(refresh, EVERY_MS);
