// The ballot: sums while one chooses, search, a draft on the device, a request whose length tells nothing; and the receipt.
import * as receipts from "./lib/receipts.js";
import * as draft from "./lib/vote_draft.js";
import { startOrder } from "./lib/vote_order.js";
import { sumOf, valueOf } from "./lib/vote_sums.js";

function startBallot(form) {
  const { election } = form.dataset;
  const rules = JSON.parse(form.dataset.rules);
  const pools = [...form.querySelectorAll("[data-vote-pool]")];
  const ruleOf = (pool) => rules.pools.find((one) => String(one.number) === pool.dataset.votePool);
  const redraw = [];
  const refresh = () => {
    for (const pool of pools) {
      const { text, over } = sumOf(pool, ruleOf(pool), form.dataset);
      const place = pool.querySelector("[data-vote-sum]");
      if (place.textContent !== text) place.textContent = text;
      place.classList.toggle("vote-sum--over", over);
      for (const option of pool.querySelectorAll("[data-vote-option]")) {
        option.classList.toggle("vote-option--chosen", Boolean(valueOf(option)));
      }
    }
    draft.save(election, fieldsOf(form));
  };
  if (form.dataset.fresh) restore(form, election);
  for (const pool of pools.filter((one) => one.dataset.kind === "ordinal")) redraw.push(startOrder(pool, form.dataset, refresh));
  form.addEventListener("input", refresh);
  form.addEventListener("submit", () => pad(form));
  startSearch(form, pools);
  startForgetting(form, election, () => {
    redraw.forEach((draw) => draw());
    refresh();
  });
  refresh();
}

const isChoice = (name) => /^p\d+(-\d+)?$/.test(name);
const fieldsOf = (form) => [...new FormData(form)].filter(([name, value]) => isChoice(name) && value !== "");

function restore(form, election) {
  const kept = draft.load(election);
  if (!kept?.length) return;
  for (const [name, value] of kept) {
    if (!isChoice(name)) continue;
    for (const input of form.querySelectorAll(`[name="${name}"]`)) {
      if (input.type !== "checkbox") input.value = value;
      else if (input.value === value) input.checked = true;
    }
  }
  if (fieldsOf(form).length) form.querySelector("[data-vote-draft]").hidden = false;
}

/** Every ballot of this election is sent in as many bytes: the hidden field is filled up to the longest one possible. */
function pad(form) {
  const inputs = [...form.querySelectorAll("[data-vote-option] input")];
  const longest = inputs.reduce((sum, one) => sum + one.name.length + 2 + (one.type === "checkbox" ? one.value.length : 6), 0);
  const length = [...new FormData(form)]
    .filter(([name]) => isChoice(name))
    .reduce((sum, [name, value]) => sum + name.length + 2 + String(value).length, 0);
  form.elements.padding.value = "x".repeat(Math.max(0, longest - length));
}

function startSearch(form, pools) {
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ł", "l");
  const input = form.querySelector("#szukaj-na-karcie");
  const shown = form.querySelector("[data-vote-shown]");
  form.querySelector("[data-vote-tools]").hidden = false;
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const pool of pools) {
      for (const option of pool.querySelectorAll("[data-vote-option]")) {
        const text = plain(option.textContent);
        const fits = valueOf(option) || words.every((word) => text.includes(word));
        option.hidden = !fits;
        count += fits ? 1 : 0;
      }
    }
    shown.textContent = words.length ? form.dataset.textShown.replace("{n}", count) : "";
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

function startForgetting(form, election, cleared) {
  const tools = document.querySelector("[data-vote-draft-tools]");
  const button = tools.querySelector("[data-vote-forget]");
  tools.hidden = false;
  const clear = () => {
    for (const input of form.querySelectorAll("[data-vote-option] input")) {
      if (input.type === "checkbox") input.checked = false;
      else input.value = "";
    }
    form.querySelector("[data-vote-draft]").hidden = true;
    cleared();
    draft.drop(election);
  };
  button.addEventListener("click", () => {
    clear();
    tools.querySelector("[data-vote-forgotten]").textContent = button.dataset.textDone;
  });
  document.querySelector("[data-vote-leave]").addEventListener("submit", clear);
}

/** The receipt is kept at once, the choice only when asked. The draft has become a vote: it goes. */
function startDone(place) {
  const { election, title, url } = place.dataset;
  const receipt = JSON.parse(place.dataset.receipt);
  const choice = JSON.parse(place.dataset.choice);
  const device = place.querySelector("[data-vote-device]");
  const kept = place.querySelector("[data-vote-kept]");
  draft.drop(election);
  const keep = (what) => {
    const stored = receipts.store({ election, title, url, receipt, choice: what });
    kept.textContent = stored ? (what ? kept.dataset.textBoth : kept.dataset.textKept) : kept.dataset.textCannot;
  };
  device.hidden = false;
  keep(null);
  device.querySelector("[data-vote-keep]").addEventListener("click", () => keep(choice));
  device.querySelector("[data-vote-drop]").addEventListener("click", () => {
    receipts.forget(election);
    kept.textContent = kept.dataset.textNone;
  });
  const printer = place.querySelector("[data-vote-print]");
  printer.hidden = false;
  printer.addEventListener("click", () => {
    place.querySelector("[data-vote-details]").open = true;
    window.print();
  });
}

const form = document.querySelector("[data-vote-ballot]");
if (form) startBallot(form);
const done = document.querySelector("[data-vote-done]");
if (done) startDone(done);
