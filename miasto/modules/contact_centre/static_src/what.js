// Step 1 of a report: suggestions while typing, a filter of the list, photos sent as soon as they are chosen.

const PAUSE_MS = 400;
const form = document.querySelector("form[data-report]");
const text = form.dataset;
const description = form.querySelector("textarea[name=description]");
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;

const fold = (word) => word.toLocaleLowerCase("pl").replaceAll("ł", "l").normalize("NFD").replace(/\p{Diacritic}/gu, "");

// --- suggestions

const box = form.querySelector("[data-suggestions]");
const status = form.querySelector("[data-suggestions-status]");
let timer = 0;
let asked = 0;

function chosenInput() {
  return form.querySelector("input[name=category]:checked");
}

async function suggest() {
  const turn = ++asked;
  const answer = await fetch(`${text.suggestUrl}?q=${encodeURIComponent(description.value.trim().slice(0, 600))}`).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const chosen = chosenInput();
  const kept = chosen && box.contains(chosen) ? chosen.closest(".govuk-radios__item") : null;
  const hadFocus = kept?.contains(document.activeElement);
  box.innerHTML = await answer.text();
  keepChoice(kept, chosen?.value);
  if (hadFocus) chosenInput()?.focus();
  tell();
}

/** A category that the resident has chosen stays, also where the new words suggest others. */
function keepChoice(kept, value) {
  if (!value) return;
  const same = box.querySelector(`input[value="${CSS.escape(value)}"]`);
  if (same) same.checked = true;
  else if (kept) {
    const list = box.querySelector(".govuk-radios");
    if (list) list.prepend(kept);
    else box.replaceChildren(wrapped(kept));
  }
}

function wrapped(item) {
  const list = Object.assign(document.createElement("div"), { className: "govuk-radios ui-choices" });
  list.append(item);
  return list;
}

function tell() {
  const count = Number(box.querySelector("[data-count]")?.dataset.count || 0);
  status.textContent = count === 0 ? text.textFoundNone : count === 1 ? text.textFoundOne : text.textFoundFew + count;
}

description.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(suggest, PAUSE_MS);
});

/** A choice made on the long list is shown at the top once the list is closed, so that it stays seen. */
const longList = form.querySelector("details[data-category-list]");
longList?.addEventListener("toggle", () => {
  const input = longList.open ? null : longList.querySelector("input[name=category]:checked");
  if (input) showChosen(input);
});

function showChosen(input) {
  box.querySelector("[data-from-list]")?.remove();
  const same = box.querySelector(`input[value="${CSS.escape(input.value)}"]`);
  if (same) {
    same.checked = true;
    return;
  }
  const item = input.closest(".govuk-radios__item").cloneNode(true);
  item.dataset.fromList = "";
  const copy = item.querySelector("input");
  copy.id = `wybrana-${input.value}`;
  copy.removeAttribute("aria-describedby");
  item.querySelector("label").htmlFor = copy.id;
  const list = box.querySelector(".govuk-radios");
  list ? list.prepend(item) : box.replaceChildren(wrapped(item));
  copy.checked = true;
  box.scrollIntoView({ block: "nearest" });
}

// --- the long list

const filter = form.querySelector("[data-filter]");
filter?.addEventListener("input", () => {
  const words = fold(filter.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const group of form.querySelectorAll("[data-group]")) {
    let any = false;
    for (const item of group.querySelectorAll("[data-words]")) {
      const fits = words.every((word) => fold(item.dataset.words).includes(word));
      item.hidden = !fits;
      any ||= fits;
      shown += fits ? 1 : 0;
    }
    group.hidden = !any;
  }
  form.querySelector("[data-filter-status]").textContent = words.length ? text.textMatches + shown : "";
});
filter?.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});

// --- photos

const input = form.querySelector("input[type=file]");
const adder = form.querySelector("[data-photo-adder]");
const photos = form.querySelector("[data-photos]");
const problems = form.querySelector("[data-photo-problems]");
const photoStatus = form.querySelector("[data-photo-status]");

function problem(message) {
  problems.append(Object.assign(document.createElement("p"), { className: "govuk-error-message", textContent: message }));
}

function show(answer) {
  photos.innerHTML = answer.photos;
  adder.hidden = answer.left <= 0;
}

function upload(file) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("photo", file);
    request.open("POST", text.photoUrl);
    request.setRequestHeader("X-CSRFToken", token);
    request.responseType = "json";
    const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0, className: "report-photos__progress" });
    bar.setAttribute("aria-label", text.textSending + file.name);
    photoStatus.replaceChildren(text.textSending + file.name, bar);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = Math.round((event.loaded / event.total) * 100);
    });
    request.addEventListener("loadend", () => {
      const answer = request.response;
      if (answer?.photos !== undefined) show(answer);
      if (answer?.problem) problem(answer.problem);
      else if (request.status !== 200) problem(text.textFailed + file.name);
      photoStatus.textContent = request.status === 200 ? text.textKept + file.name : "";
      resolve();
    });
    request.send(body);
  });
}

input?.addEventListener("change", async () => {
  problems.replaceChildren();
  const files = [...input.files];
  input.value = "";
  form.setAttribute("aria-busy", "true");
  for (const file of files) {
    if (adder.hidden) {
      problem(text.textLimit);
      break;
    }
    await upload(file);
  }
  form.removeAttribute("aria-busy");
});

photos.addEventListener("click", async (event) => {
  const button = event.target.closest("button[name]");
  if (!button) return;
  event.preventDefault();
  const body = new FormData();
  body.append(button.name, button.value);
  const answer = await fetch(text.photoChangeUrl, { method: "POST", body, headers: { "X-CSRFToken": token } }).catch(() => null);
  if (!answer?.ok) return form.requestSubmit(button);
  show(await answer.json());
  photoStatus.textContent = text.textRemoved;
  (photos.querySelector("button") || input).focus();
});

// --- what was typed is kept when the reader leaves the page

let sending = false;
let saved = description.value;
form.addEventListener("submit", () => { sending = true; });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden" || sending || description.value === saved) return;
  const body = new FormData();
  body.append("csrfmiddlewaretoken", token);
  body.append("description", description.value);
  if (navigator.sendBeacon(text.keepUrl, body)) saved = description.value;
});
