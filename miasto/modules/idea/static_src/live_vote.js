// The page of who votes. The part that shows the moment is read anew after each event of the meeting (the platform's stream of
// events); a form in use is never replaced: what is being written stays, and a notice above it says what has changed.
import { follow } from "../../../kernel/ui/static_src/lib/live.js";

const PAUSE_MS = 250;
const SPREAD_MS = 600; // three hundred phones do not ask in the same instant
const ALIVE_MS = 60000;
const DRAFT_DAYS = 2;
const page = document.querySelector("[data-live-vote]");
const notice = document.getElementById("glosuj-uwaga");
let timer = 0;

const part = () => document.getElementById("glosuj-czesc");
const form = () => part().querySelector("form[data-answer]");
const fields = () => [...(form()?.elements ?? [])].filter((one) => one.name && one.type !== "hidden");
const draftKey = (question) => `glosuj:${question}`;

function say(text, button) {
  notice.replaceChildren();
  if (!text) return;
  const words = document.createElement("p");
  words.textContent = text;
  notice.append(words);
  if (button) notice.append(button);
}

/** Somebody who types the code of a card is not disturbed either. */
function typesCode() {
  const typed = page.querySelector("[data-join] [name=secret]");
  return Boolean(typed) && (typed.value.trim() !== "" || typed === document.activeElement);
}

function inUse() {
  return Boolean(form()) && (part().dataset.dirty === "1" || fields().includes(document.activeElement));
}

// Drafts: only what is written in one's own words is kept; a choice in a secret vote is not left behind on a device.
function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch { /* no storage: the text stays in the page */ }
}

function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function keepDraft() {
  if (!form()?.dataset.keep) return;
  const texts = Object.fromEntries(fields().filter((one) => one.type !== "radio" && one.type !== "checkbox").map((one) => [one.name, one.value]));
  const any = Object.values(texts).some((one) => one.trim());
  store(draftKey(part().dataset.question), any ? { texts, version: part().dataset.version, at: Date.now() } : null);
}

function restoreDraft() {
  const { question, version } = part().dataset;
  if (!form()?.dataset.keep || part().dataset.dirty === "1") return;
  const draft = stored(draftKey(question));
  if (!draft) return;
  for (const one of fields()) if (draft.texts[one.name]) one.value = draft.texts[one.name];
  part().dataset.dirty = "1";
  say(draft.version === version ? page.dataset.textRestored : page.dataset.textChanged.replace("{title}", part().dataset.title));
}

function forgetOldDrafts() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("glosuj:") && Date.now() - (stored(key)?.at ?? 0) > DRAFT_DAYS * 86400000) store(key, null);
    }
  } catch { /* no storage */ }
}

function replace(fresh) {
  const focused = part().contains(document.activeElement) ? document.activeElement.id : "";
  part().replaceWith(fresh);
  say("");
  restoreDraft();
  if (focused) document.getElementById(focused)?.focus();
}

/** The wording was mended: the form stays as it is, with the new wording on it and a notice above. */
function reword(fresh) {
  part().dataset.version = fresh.dataset.version;
  part().dataset.title = fresh.dataset.title;
  const heading = form().querySelector(".govuk-fieldset__legend, .govuk-label");
  if (heading) heading.textContent = fresh.dataset.title;
  keepDraft();
  say(page.dataset.textChanged.replace("{title}", fresh.dataset.title));
}

/** The vote is over: what was written stays to be copied, and is not sent any more. */
function strand(fresh) {
  if (part().dataset.stranded === fresh.outerHTML) return;
  part().dataset.stranded = fresh.outerHTML;
  for (const one of form().querySelectorAll("button")) one.disabled = true;
  const show = document.createElement("button");
  show.type = "button";
  show.className = "govuk-button govuk-button--secondary";
  show.textContent = page.dataset.textShow;
  show.addEventListener("click", () => {
    store(draftKey(part().dataset.question), null);
    replace(fresh.cloneNode(true));
  });
  say(fresh.dataset.state === "ask" ? page.dataset.textNext : page.dataset.textGone, show);
}

function take(found, sent = false) {
  const fresh = found.getElementById("glosuj-czesc");
  if (!fresh) return location.reload();
  const told = found.getElementById("glosuj-komunikaty");
  if (sent && told) document.getElementById("glosuj-komunikaty").replaceChildren(...told.childNodes);
  const same = fresh.dataset.question && fresh.dataset.question === part().dataset.question;
  if (!sent && typesCode()) return undefined;
  if (sent || !inUse()) {
    if (sent && fresh.dataset.dirty !== "1") store(draftKey(part().dataset.question), null);
    if (sent || fresh.innerHTML !== part().innerHTML) replace(fresh);
  } else if (!same) strand(fresh);
  else if (fresh.dataset.version !== part().dataset.version) reword(fresh);
  return undefined;
}

async function read(address, options = {}) {
  const answer = await fetch(address, { headers: { "X-Requested-With": "live" }, ...options }).catch(() => null);
  if (!answer || answer.status >= 500) return null;
  if (!answer.ok && answer.status !== 422) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function refresh() {
  const found = await read(page.dataset.page);
  if (found) take(found);
}

async function send(event) {
  const sending = event.target;
  if (!sending.matches("form[data-answer]")) return;
  event.preventDefault();
  const button = sending.querySelector("button");
  if (button.disabled) return;
  const body = new FormData(sending);
  button.disabled = true;
  const found = await read(sending.action, { method: "POST", body });
  button.disabled = false;
  button.removeAttribute("aria-busy");
  delete sending.dataset.sent;
  if (!found) {
    keepDraft();
    say(page.dataset.textOffline);
    return;
  }
  part().dataset.dirty = "";
  take(found, true);
  document.getElementById("tresc").scrollIntoView();
}

/** The code of a card comes behind "#", which no browser sends; it is put into the form and taken off the address. */
function takeCard() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!/^[A-Za-z0-9-]{8,20}$/.test(code)) return;
  history.replaceState(null, "", page.dataset.page);
  const input = document.querySelector("[data-join] [name=secret]");
  if (!input) return;
  input.value = code;
  const folded = input.closest("details");
  if (folded) folded.open = true;
  say(page.dataset.textCard);
  input.form.querySelector("button")?.focus();
}

function tick() {
  const clock = document.querySelector(".live-timer[data-ends]");
  if (!clock) return;
  const left = Math.ceil((Date.parse(clock.dataset.ends) - Date.now()) / 1000);
  if (left >= 0) clock.textContent = clock.dataset.text.replace("{n}", left);
}

page.addEventListener("input", (event) => {
  if (!event.target.closest("form[data-answer]")) return;
  part().dataset.dirty = "1";
  keepDraft();
});
page.addEventListener("submit", send);
addEventListener("hashchange", takeCard);
setInterval(tick, 1000);
setInterval(() => !document.hidden && refresh(), ALIVE_MS);
forgetOldDrafts();
restoreDraft();
takeCard();
follow(page.dataset.follow, () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE_MS + Math.random() * SPREAD_MS);
});
