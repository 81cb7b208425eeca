// Parts of a page that follow server-sent events: <div data-live-url="…" data-live-part="…">. After an event the part is
// fetched anew from data-live-part (or from this page, by its id) and replaced; the browser reconnects by itself.
// Work that goes on: <div id="…" data-live-every="2"> is read anew every so many seconds while the fresh one still asks for it.

const PAUSE_MS = 400;

export function follow(url, onEvent) {
  const address = new URL(url, location.href);
  // What happened since this page was asked for is told first: between its answer and this connection nothing is lost.
  const { drawn } = document.documentElement.dataset;
  if (drawn) address.searchParams.set("drawn", drawn);
  const source = new EventSource(address);
  for (const name of ["change", "message"]) source.addEventListener(name, onEvent); // the kernel names its events "change"
  addEventListener("pagehide", () => source.close(), { once: true });
  return source;
}

async function read(part) {
  const answer = await fetch(part.dataset.livePart || location.href, { headers: { "X-Requested-With": "live" } }).catch(() => null);
  if (!answer?.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return part.id ? page.getElementById(part.id) : page.body.firstElementChild;
}

async function refresh(part) {
  if (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
  const fresh = await read(part);
  if (!fresh || fresh.innerHTML === part.innerHTML) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...part.querySelectorAll("details")].map((one) => one.open);
  part.replaceChildren(...fresh.childNodes);
  startWork(part);
  for (const [place, one] of part.querySelectorAll("details").entries()) one.open ||= Boolean(open[place]);
  if (focused) document.getElementById(focused)?.focus();
  part.dispatchEvent(new CustomEvent("live-updated", { bubbles: true }));
}

/** While the work goes on only what [role=status] says changes: a screen reader hears it, and nothing moves under the pointer. */
async function progress(part, timer) {
  if (!part.isConnected) clearInterval(timer); // a part around it was read anew
  if (document.hidden || !part.isConnected) return;
  const fresh = await read(part);
  if (!fresh) return;
  const status = part.querySelector("[role=status]");
  const said = fresh.querySelector("[role=status]");
  if (fresh.dataset.liveEvery && status && said) {
    if (said.innerHTML !== status.innerHTML) status.replaceChildren(...said.childNodes);
    return;
  }
  clearInterval(timer);
  part.replaceWith(fresh);
}

function startWork(root) {
  for (const part of root.querySelectorAll("[data-live-every]")) {
    const timer = setInterval(() => progress(part, timer), 1000 * Number(part.dataset.liveEvery));
  }
}

export function startLive(root) {
  startWork(root);
  for (const part of root.querySelectorAll("[data-live-url]:not(.ui-map)")) {
    let timer = 0;
    follow(part.dataset.liveUrl, () => {
      clearTimeout(timer);
      timer = setTimeout(() => refresh(part), PAUSE_MS);
    });
  }
}
