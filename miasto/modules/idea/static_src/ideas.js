// Writing an idea: the draft keeps itself, ideas like it are shown, and only the fields of the chosen reach are seen.

const PAUSE_MS = 700;
const form = document.querySelector("form[data-idea-form]");
const words = form.dataset;
const box = form.querySelector("[data-similar]");
const status = form.querySelector("[data-saved]");
let timer = 0;
let asked = 0;
let sending = false;
let saving = Promise.resolve();

async function similar() {
  const turn = ++asked;
  const query = new URLSearchParams({ title: form.elements.title.value, text: form.elements.text.value.slice(0, 1500) });
  const answer = await fetch(`${words.similarUrl}?${query}`).catch(() => null);
  if (answer?.ok && turn === asked) box.innerHTML = await answer.text();
}

function body() {
  const data = new FormData(form);
  data.delete("photos");
  return data;
}

async function save() {
  if (sending) return;
  const answer = await fetch(words.keepUrl, { method: "POST", body: body() }).catch(() => null);
  const told = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!told) {
    status.textContent = words.textFailed;
    return;
  }
  if (!told.saved) return;
  status.textContent = words.textSaved;
  if (told.keep !== words.keepUrl) {
    // From now on the page is that of the draft: sent, reloaded or closed, it is the same one.
    words.keepUrl = told.keep;
    form.action = told.page;
    history.replaceState(null, "", told.page);
  }
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    similar();
    saving = saving.then(save);
  }, PAUSE_MS);
});
form.addEventListener("submit", () => {
  sending = true;
  clearTimeout(timer);
});

function reach() {
  const chosen = form.querySelector("input[name=reach]:checked")?.value;
  for (const part of form.querySelectorAll("[data-reach]")) part.hidden = part.dataset.reach !== chosen;
  if (chosen === "place") window.dispatchEvent(new Event("resize"));
}

form.addEventListener("change", reach);
reach();
if (form.elements.title.value || form.elements.text.value) similar();
