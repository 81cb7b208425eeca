// Parts of a page that follow server-sent events: <div data-live-url="…" data-live-part="…">. After an event the part is
// fetched anew from data-live-part (or from this page, by its id) and replaced; the browser reconnects by itself.

const PAUSE_MS = 400;

export function follow(url, onEvent) {
  const source = new EventSource(url);
  for (const name of ["change", "message"]) source.addEventListener(name, onEvent); // the kernel names its events "change"
  addEventListener("pagehide", () => source.close(), { once: true });
  return source;
}

async function refresh(part) {
  if (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
  const answer = await fetch(part.dataset.livePart || location.href, { headers: { "X-Requested-With": "live" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = part.id ? page.getElementById(part.id) : page.body.firstElementChild;
  if (!fresh || fresh.innerHTML === part.innerHTML) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus();
  part.dispatchEvent(new CustomEvent("live-updated", { bubbles: true }));
}

export function startLive(root) {
  for (const part of root.querySelectorAll("[data-live-url]:not(.ui-map)")) {
    let timer = 0;
    follow(part.dataset.liveUrl, () => {
      clearTimeout(timer);
      timer = setTimeout(() => refresh(part), PAUSE_MS);
    });
  }
}
