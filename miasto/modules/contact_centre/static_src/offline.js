// The form that works without a network, and the list of what was written in it.
import { all, forgetOld, hold, news, put, remove, removeAll, sendAll, TAG } from "./lib/outbox.js";

const form = document.querySelector("form[data-offline]");
const text = form.dataset;
const box = document.getElementById("skrzynka");
const list = document.querySelector("[data-outbox]");
const cleaning = document.querySelector("[data-cleaning]");
const spoken = document.querySelector("[data-outbox-status]");
const status = form.querySelector("[data-place-status]");
const added = form.querySelector("[data-photos]");
const limit = Number(text.photoLimit);
let photos = [];
let mended = null;
let shown = "";

const field = (name) => form.elements.namedItem(name);
const copy = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);

// Messages beside the fields and above the form.

function clearProblems() {
  form.querySelectorAll(".govuk-error-message").forEach((one) => one.remove());
  form.querySelectorAll(".govuk-form-group--error").forEach((one) => one.classList.remove("govuk-form-group--error"));
  form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
  form.querySelector("[data-summary]").hidden = true;
}

function groupOf(name) {
  const chosen = form.querySelector(`[data-questions-for="${field("category").value}"]`);
  return chosen?.querySelector(`[data-field="${CSS.escape(name)}"]`) || form.querySelector(`[data-field="${CSS.escape(name)}"]`);
}

function showProblems(problems) {
  clearProblems();
  const summary = form.querySelector("[data-summary]");
  const links = [];
  for (const [name, sentences] of Object.entries(problems)) {
    const group = groupOf(name);
    const input = group?.querySelector("input:not([type=hidden]), select, textarea");
    const item = document.createElement("li");
    item.append(input ? Object.assign(document.createElement("a"), { href: `#${input.id}`, textContent: sentences[0] }) : sentences[0]);
    links.push(item);
    if (!group) continue;
    group.classList.add("govuk-form-group--error");
    input?.setAttribute("aria-invalid", "true");
    const message = Object.assign(document.createElement("p"), { className: "govuk-error-message", textContent: sentences.join(" ") });
    group.querySelector("label, legend").after(message);
  }
  summary.querySelector("ul").replaceChildren(...links);
  summary.hidden = false;
  summary.focus();
}

function missing() {
  const problems = {};
  if (!field("description").value.trim()) problems.description = [text.textNoDescription];
  if (!field("category").value) problems.category = [text.textNoCategory];
  if (!field("place").value.trim() && !field("lat").value) problems.place = [text.textNoPlace];
  for (const group of form.querySelectorAll("fieldset[data-questions-for]:not(:disabled) [data-field]")) {
    const answered = [...group.querySelectorAll("input, select, textarea")].some((one) =>
      ["radio", "checkbox"].includes(one.type) ? one.checked : one.value.trim());
    if (!answered) problems[group.dataset.field] = [text.textNoAnswer];
  }
  if (!field("email").checkValidity()) problems.email = [text.textWrongEmail];
  return problems;
}

// The category decides about 112 and about the questions that have to be answered.

function showCategory() {
  const option = field("category").selectedOptions[0];
  form.querySelector("[data-danger-box]").hidden = !option?.hasAttribute("data-danger");
  for (const set of form.querySelectorAll("[data-questions-for]")) {
    set.hidden = set.disabled = set.dataset.questionsFor !== field("category").value;
  }
}
field("category").addEventListener("change", showCategory);

// The place: the device knows its position without a network.

function setPoint(lon, lat, words) {
  field("lon").value = lon;
  field("lat").value = lat;
  status.textContent = words;
  form.querySelector("[data-forget-point]").hidden = !lat;
}

form.querySelector("[data-device]").addEventListener("click", ({ currentTarget: button }) => {
  if (!navigator.geolocation) return setPoint("", "", text.textNoPosition);
  button.setAttribute("aria-busy", "true");
  status.textContent = text.textLocating;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.removeAttribute("aria-busy");
      const exact = text.textPosition.replace("{m}", Math.max(1, Math.round(coords.accuracy)));
      setPoint(coords.longitude.toFixed(6), coords.latitude.toFixed(6), exact);
    },
    () => {
      button.removeAttribute("aria-busy");
      setPoint("", "", text.textNoPosition);
    },
    { enableHighAccuracy: true, timeout: 30000, maximumAge: 60000 },
  );
});
form.querySelector("[data-forget-point]").addEventListener("click", () => {
  setPoint("", "", text.textForgotten);
  form.querySelector("[data-device]").focus();
});

// Photos are kept as they are; the server takes the hidden data out of them.

function drawPhotos() {
  added.replaceChildren(...photos.map((photo, number) => {
    const item = copy("zdjecie");
    item.querySelector("[data-name]").textContent = photo.name;
    item.querySelector("button").addEventListener("click", () => {
      photos.splice(number, 1);
      drawPhotos();
      field("chosen").focus();
    });
    return item;
  }));
}
field("chosen").addEventListener("change", ({ target }) => {
  for (const file of target.files) photos.push({ name: file.name, blob: file });
  const over = photos.length > limit;
  photos = photos.slice(0, limit);
  target.value = "";
  drawPhotos();
  form.querySelector("[data-photo-status]").textContent = over ? text.textLimit : "";
});

// Saving, and mending what was refused.

function values() {
  const kept = new FormData(form);
  kept.delete("chosen");
  return [...kept.entries()].filter(([, value]) => typeof value === "string" && value !== "");
}

function empty() {
  form.reset();
  photos = [];
  mended = null;
  setPoint("", "", "");
  drawPhotos();
  showCategory();
  clearProblems();
}

function randomKey() {
  return crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const problems = missing();
  if (Object.keys(problems).length) return showProblems(problems);
  const report = {
    key: mended?.key ?? randomKey(), made: mended?.made ?? Date.now(), state: "waiting", fields: values(), photos: [...photos],
    title: field("category").selectedOptions[0].dataset.title, urls: { send: text.sendUrl, token: text.tokenUrl },
  };
  try {
    await put(report);
  } catch {
    return showProblems({ form: [text.textNotKept] });
  }
  empty();
  await draw();
  box.focus();
  navigator.storage?.persist?.();
  await send();
});

function mend(report) {
  empty();
  mended = report;
  photos = [...report.photos];
  const given = new Map(report.fields);
  field("category").value = given.get("category") ?? "";
  showCategory();
  for (const [name, value] of report.fields) {
    for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]:not(:disabled)`)) {
      if (input.closest("fieldset:disabled")) continue;
      if (["radio", "checkbox"].includes(input.type)) input.checked ||= input.value === value;
      else input.value = value;
    }
  }
  if (given.get("lat")) setPoint(given.get("lon"), given.get("lat"), text.textKept);
  drawPhotos();
  const problems = { ...report.problems };
  if (report.why) problems.form = [whyOf(report)];
  if (Object.keys(problems).length) showProblems(problems);
  else field("description").focus();
}

// The outbox.

function whyOf({ problems, why }) {
  const sentences = Object.values(problems ?? {}).flat();
  return sentences.join(" ") || { large: text.textLarge, broken: text.textBroken }[why] || "";
}

/** What a waiting report waits for, in words. */
function waitsFor({ trouble, notBefore }) {
  const words = { unsure: text.textUnsure, busy: text.textBusy, forbidden: text.textForbidden, server: text.textServer }[trouble?.kind];
  const at = new Date(notBefore || Date.now()).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
  return (words ?? text.textWaiting).replace("{time}", at).replace("{status}", trouble?.status);
}

const stateOf = ({ state, trouble }) => (state === "waiting" && trouble && trouble.kind !== "unsure" ? "delayed" : state);

async function begin(report) {
  const held = await hold(report.key);
  await draw();
  if (held) mend(held);
}

async function release(report) {
  await put({ ...report, state: "waiting", trouble: null, notBefore: 0 });
  if (mended?.key === report.key) empty();
  await draw();
  box.focus();
  await send();
}

async function discard(report) {
  await remove(report.key);
  if (mended?.key === report.key) empty();
  await draw();
  box.focus();
}

function item(report) {
  const row = copy(`stan-${stateOf(report)}`);
  row.querySelector("[data-title]").textContent = report.title;
  row.querySelector("time").textContent = new Date(report.made).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  if (report.number) row.querySelector("[data-number]").textContent = report.number;
  if (report.link) row.querySelector("[data-link]").href = report.link;
  const [why, waits, mending] = ["why", "waits", "mend"].map((name) => row.querySelector(`[data-${name}]`));
  if (why) why.textContent = whyOf(report);
  if (waits) waits.textContent = waitsFor(report);
  if (mending) mending.hidden = report.state === "waiting" && Boolean(report.attempted);
  mending?.addEventListener("click", () => begin(report));
  row.querySelector("[data-release]")?.addEventListener("click", () => release(report));
  row.querySelector("[data-remove]")?.addEventListener("click", () => discard(report));
  return row;
}

async function draw() {
  const reports = await all();
  const now = JSON.stringify(reports.map(({ key, state, trouble, notBefore }) => [key, state, trouble, notBefore]));
  if (now === shown) return;
  shown = now;
  list.replaceChildren(...reports.map(item));
  document.querySelector("[data-outbox-empty]").hidden = reports.length > 0;
  cleaning.hidden = reports.length === 0;
  const last = list.querySelector("[data-state]");
  spoken.textContent = last ? last.textContent : "";
}

async function send() {
  const left = await sendAll(draw);
  await draw();
  if (!left) return;
  const registration = await navigator.serviceWorker?.getRegistration?.();
  await registration?.sync?.register(TAG).catch(() => {});
}

function showNetwork() {
  document.querySelector("[data-no-network]").hidden = navigator.onLine;
}

news?.addEventListener("message", draw);
addEventListener("online", () => { showNetwork(); send(); });
addEventListener("offline", showNetwork);
// The network may be back without any event: a weak signal, a gate of a hotel.
setInterval(() => { if (navigator.onLine) send(); }, 60000);
cleaning.querySelector("[data-remove-all]").addEventListener("click", async () => {
  await removeAll();
  cleaning.open = false;
  empty();
  await draw();
  spoken.textContent = text.textCleaned;
  box.focus();
});
showNetwork();
showCategory();
await forgetOld();
await draw();
await send();
