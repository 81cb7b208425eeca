// Parts of a page that follow server-sent events: <div data-live-url="…" data-live-part="…">. After an event the part is
// fetched anew from data-live-part (or from this page, by its id) and replaced; the browser reconnects by itself.
// Parts with the same stream share it; data-live-pause="5" keeps so many seconds between two readings of the page.
// Work that goes on: <div id="…" data-live-every="2"> is read anew every so many seconds while the fresh one still asks for it.

const PAUSE_MS = 400;
const AGAIN_MS = 30_000;
const SPREAD_MS = 15_000; // a hall of telephones that were refused does not come back in one instant
const SAY_EVERY_MS = 300_000;

/**
 * Calls `onEvent` at each event of a stream and `onOpen` when it begins. A browser comes back to a stream that broke, but
 * gives up one that was refused (429, 503: too many are open): then `onMissed` reads the page anew at intervals instead, and
 * the stream is asked for again, from where it was last heard.
 */
export function follow(url, onEvent, { onOpen = () => {}, onMissed = onEvent } = {}) {
  const address = new URL(url, location.href);
  // What happened since this page was asked for is told first: between its answer and this connection nothing is lost.
  const { drawn } = document.documentElement.dataset;
  if (drawn) address.searchParams.set("drawn", drawn);
  let source;
  let timer = 0;
  let heard = false;
  const open = () => {
    source = new EventSource(address);
    for (const name of ["change", "message"]) source.addEventListener(name, onEvent); // the kernel names its events "change"
    source.addEventListener("open", () => {
      heard = true;
      onOpen();
    });
    source.addEventListener("error", () => {
      // by the server's clock, which told when the page was drawn
      if (heard && drawn) address.searchParams.set("drawn", Math.floor(Number(drawn) + performance.now()));
      heard = false;
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(again, AGAIN_MS + Math.random() * SPREAD_MS);
    });
  };
  const again = () => {
    onMissed();
    open();
  };
  open();
  const leave = () => {
    clearTimeout(timer);
    source.close();
  };
  addEventListener("pagehide", leave, { once: true });
}

async function pageAt(address) {
  const answer = await fetch(address, { headers: { "X-Requested-With": "live" } }).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

/** The part as it is now; parts that are read together ask for their page once (`pages`). */
async function read(part, pages = new Map()) {
  const address = part.dataset.livePart || location.href;
  if (!pages.has(address)) pages.set(address, pageAt(address));
  const page = await pages.get(address);
  if (!page) return null;
  return part.id ? page.getElementById(part.id) : page.body.firstElementChild;
}

const FOCUSABLE = "a[href], button, summary, [tabindex]";

/** Gives the focus back to what stands in the place of the focused element: the one of its id, else of its place and kind. */
function focusIn(part) {
  const held = document.activeElement;
  if (held === part || !part.contains(held)) return () => {};
  const place = [...part.querySelectorAll(FOCUSABLE)].indexOf(held);
  return () => {
    const every = [...part.querySelectorAll(FOCUSABLE)];
    const same = every.find((one) => held.href && one.href === held.href) ?? every[place];
    (document.getElementById(held.id) ?? same)?.focus({ preventScroll: true });
  };
}

async function refresh(part, pages) {
  if (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
  const fresh = await read(part, pages);
  if (!fresh || fresh.innerHTML === part.innerHTML) return;
  const back = focusIn(part);
  const open = [...part.querySelectorAll("details")].map((one) => one.open);
  part.replaceChildren(...fresh.childNodes);
  startWork(part);
  for (const [place, one] of part.querySelectorAll("details").entries()) one.open ||= Boolean(open[place]);
  back();
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

/** A screen reader hears that something is new (`data-live-said`), at most once in five minutes. */
function say() {
  for (const place of document.querySelectorAll("[data-live-said]")) {
    if (Date.now() - Number(place.dataset.saidAt ?? 0) < SAY_EVERY_MS) continue;
    place.dataset.saidAt = Date.now();
    place.textContent = "";
    setTimeout(() => {
      place.textContent = place.dataset.liveSaid;
    }, PAUSE_MS);
  }
}

/** Parts with one stream: read together, at most every `data-live-pause` seconds and, with a pause, only while the page is seen. */
function followTogether(url, parts) {
  const every = 1000 * Math.max(...parts.map((part) => Number(part.dataset.livePause ?? 0)));
  let timer = 0;
  let last = 0;
  const renew = async () => {
    timer = 0;
    if (every && document.hidden) {
      document.addEventListener("visibilitychange", renew, { once: true });
      return;
    }
    last = Date.now();
    const pages = new Map();
    for (const part of parts) await refresh(part, pages);
  };
  const soon = () => {
    if (every && timer) return;
    clearTimeout(timer);
    timer = setTimeout(renew, Math.max(PAUSE_MS, last + every - Date.now()));
  };
  const hint = () => {
    for (const one of document.querySelectorAll("[data-live-hint]")) one.hidden = false;
  };
  follow(url, soon, {
    onOpen: hint,
    onMissed: () => {
      hint(); // the page still changes by itself, more slowly
      soon();
    },
  });
}

export function startLive(root) {
  startWork(root);
  const streams = new Map();
  for (const part of root.querySelectorAll("[data-live-url]:not(.ui-map)")) {
    const url = part.dataset.liveUrl;
    if (url) streams.set(url, [...(streams.get(url) ?? []), part]);
  }
  for (const [url, parts] of streams) followTogether(url, parts);
  root.addEventListener("live-updated", say);
}
