// The staff queue follows server-sent events: a changed row is read anew in place, new cases are announced and shown on request.
import { follow } from "../../ui/static_src/lib/live.js";

const PAUSE_MS = 500;
const queue = document.querySelector("[data-queue]");
const news = document.querySelector("[data-queue-news]");
const status = document.querySelector("[data-queue-status]");
const fresh = new Set();
const changed = new Set();
let timer = 0;

const row = (number, root = document) => root.getElementById(`sprawa-${number}`);

async function page() {
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "live" } }).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

/** Rows that are on the page are replaced where they stand; nothing moves under the reader's pointer. */
async function refreshRows() {
  const numbers = [...changed];
  changed.clear();
  const found = await page();
  if (!found) return;
  for (const number of numbers) {
    const old = row(number);
    const made = row(number, found);
    if (!old) continue;
    if (made) {
      const focused = old.contains(document.activeElement) && document.activeElement.tagName;
      const tick = made.querySelector("input[type=checkbox]");
      if (tick) tick.checked = old.querySelector("input[type=checkbox]")?.checked ?? false;
      made.classList.add("is-fresh");
      old.replaceWith(made);
      if (focused) (focused === "INPUT" && tick ? tick : made.querySelector("a"))?.focus();
    } else old.classList.add("is-gone");
    status.textContent = queue.dataset.textChanged.replace("{number}", number);
  }
  replaceTabs(found);
}

function replaceTabs(found) {
  const tabs = found.querySelector(".queue-tabs");
  if (tabs && !document.querySelector(".queue-tabs").contains(document.activeElement)) document.querySelector(".queue-tabs").replaceWith(tabs);
}

function announce() {
  news.hidden = fresh.size === 0;
  news.querySelector("[data-queue-words]").textContent = queue.dataset.textNew.replace("{n}", fresh.size);
  status.textContent = fresh.size ? queue.dataset.textSaid.replace("{n}", fresh.size) : "";
}

/** New cases stand at the top of the newest; in another order they might be pages away, so the list is turned to them. */
async function showNew() {
  const address = new URL(location.href);
  if (address.searchParams.get("kolejnosc") !== "newest" || address.searchParams.has("strona")) {
    address.searchParams.set("kolejnosc", "newest");
    address.searchParams.delete("strona");
    location.href = address;
    return;
  }
  const found = await page();
  if (!found) return location.reload();
  const ticked = [...queue.querySelectorAll("input[type=checkbox]:checked")].map((one) => one.value);
  queue.replaceChildren(...found.getElementById("kolejka").childNodes);
  for (const tick of queue.querySelectorAll("input[type=checkbox]")) tick.checked = ticked.includes(tick.value);
  document.getElementById("kolejka-ile").textContent = found.getElementById("kolejka-ile").textContent;
  for (const number of fresh) row(number)?.classList.add("is-fresh");
  fresh.clear();
  replaceTabs(found);
  announce();
  queue.querySelector("a")?.focus();
}

/** Without a stream: what stands here otherwise than on a fresh page is read anew, what is not here is announced. */
async function compare() {
  const found = await page();
  if (!found) return;
  for (const made of found.querySelectorAll('[id^="sprawa-"]')) {
    const number = made.id.slice("sprawa-".length);
    const old = row(number);
    if (!old) fresh.add(number);
    else if (old.textContent !== made.textContent) changed.add(number);
  }
  if (changed.size) refreshRows();
  if (fresh.size) announce();
  replaceTabs(found);
}

const hear = (event) => {
  const told = JSON.parse(event.data);
  if (row(told.number)) {
    changed.add(told.number);
    clearTimeout(timer);
    timer = setTimeout(refreshRows, PAUSE_MS);
  } else if (told.here) {
    fresh.add(told.number);
    announce();
  }
};

news.querySelector("[data-queue-show]").addEventListener("click", showNew);
follow(queue.dataset.live, hear, { onMissed: compare });
