// The console: what is typed is kept at once, and what follows from it (categories, questions, who calls) comes back with it.

const PAUSE_MS = 450;
const form = document.querySelector("form[data-call]");
const text = form.dataset;
const saved = document.querySelector("[data-saved]");
const other = form.elements.category_other;
const lon = form.elements.lon;
const lat = form.elements.lat;
let timer = 0;
let turn = 0;
let kept = content();
let leaving = false;

function content() {
  const data = new FormData(form);
  return [...data].filter(([name]) => name !== "csrfmiddlewaretoken").map((pair) => pair.join("=")).join("&");
}

// --- keeping

async function keep() {
  const now = content();
  if (now === kept || leaving) return;
  const mine = ++turn;
  saved.textContent = text.textUnsaved;
  const answer = await fetch(text.keepUrl, { method: "POST", body: new FormData(form) }).catch(() => null);
  if (mine !== turn) return;
  if (!answer?.ok) {
    saved.textContent = text.textFailed;
    timer = setTimeout(keep, 5000);
    return;
  }
  const made = await answer.json();
  kept = now;
  saved.textContent = made.saved;
  for (const [name, html] of Object.entries(made.parts)) replace(name, html);
  tellDanger();
}

/** A part is replaced unless the operator is in it; what was chosen or typed there stays. */
function replace(name, html) {
  const part = document.querySelector(`[data-part="${name}"]`);
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  if (part.innerHTML === fresh.innerHTML) return;
  if (name === "questions" && names(part) === names(fresh)) return;
  const chosen = part.querySelector("input:checked")?.value;
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.replaceChildren(...fresh.childNodes);
  const again = chosen && part.querySelector(`input[value="${CSS.escape(chosen)}"]`);
  if (again) again.checked = true;
  if (focused) document.getElementById(focused)?.focus();
}

const names = (root) => [...root.querySelectorAll("[name]")].map((one) => one.name).join();

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE_MS);
});
form.addEventListener("submit", () => { leaving = true; clearTimeout(timer); });
addEventListener("pageshow", () => { leaving = false; });
addEventListener("pagehide", () => {
  if (leaving || content() === kept) return;
  const body = new FormData(form);
  body.append("beacon", "1");
  navigator.sendBeacon(text.keepUrl, body);
});

// --- category: the list and the suggestions are one choice

function tellDanger() {
  const danger = form.querySelector("input[name=category]:checked")?.hasAttribute("data-danger");
  document.querySelector("[data-emergency]").classList.toggle("call-112--quiet", !danger);
}

form.addEventListener("change", (event) => {
  if (event.target === other && other.value) for (const one of form.querySelectorAll("input[name=category]")) one.checked = false;
  if (event.target.name === "category") other.value = "";
  tellDanger();
  showFor();
});

// --- place

form.elements.place.addEventListener("input", () => { lon.value = lat.value = ""; });
form.addEventListener("combo-chosen", (event) => {
  lon.value = event.detail.lon;
  lat.value = event.detail.lat;
  clearTimeout(timer);
  keep();
});

// --- what belongs to an outcome is shown with it

function showFor() {
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = form.elements.outcome.value !== part.dataset.for;
}
showFor();

// --- Enter in a field sends nothing by mistake: a report goes by its button or Ctrl+Enter

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.target.matches("textarea, button, select")) return;
  event.preventDefault();
});

// --- shortcuts: only with a modifier (WCAG 2.1.4), never AltGr, which writes Polish letters; each computer may switch them off

const SWITCH = "centrum-skroty";
const box = document.querySelector("[data-shortcuts-switch]");
try { box.checked = localStorage.getItem(SWITCH) !== "nie"; } catch { /* no storage: they stay on */ }
box.addEventListener("change", () => {
  try { localStorage.setItem(SWITCH, box.checked ? "tak" : "nie"); } catch { /* kept for this page only */ }
});

const PLACES = {
  KeyN: () => form.elements.number,
  KeyC: () => form.elements.words,
  KeyK: () => form.querySelector("input[name=category]:checked") || form.querySelector("input[name=category]") || other,
  KeyM: () => form.elements.place,
  KeyP: () => document.querySelector("#poradnik a") || form.elements.words,
  KeyW: () => form.elements.outcome,
};

document.addEventListener("keydown", (event) => {
  if (!box.checked || event.metaKey || event.getModifierState("AltGraph")) return;
  if (event.ctrlKey && !event.altKey && event.key === "Enter") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-file]"));
  } else if (event.altKey && !event.ctrlKey && !event.shiftKey && PLACES[event.code]) {
    event.preventDefault();
    PLACES[event.code]().focus();
  }
});

// --- how long they talk

const clock = document.querySelector("[data-clock]");
const since = Date.parse(clock.dataset.clock);
function tick() {
  const seconds = Math.max(0, Math.floor((Date.now() - since) / 1000));
  clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
tick();
setInterval(tick, 1000);

// The keyboard starts where the caller's words go; a page with errors starts at its summary.
if (!document.querySelector(".govuk-error-summary")) (form.elements.number.value || form.elements.words.value ? form.elements.words : form.elements.number).focus();
