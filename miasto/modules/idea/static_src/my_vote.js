// "What my vote brought": the choice kept on this device held against the published result. Nothing is sent anywhere.
import { brought, marksOf } from "./lib/brought.js";
import * as receipts from "./lib/receipts.js";
import { money } from "./lib/vote_sums.js";

const place = document.querySelector("[data-my-vote]");
if (place) start(place);

const say = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
/** Zlotys from a fraction, to the nearest grosz. */
const zloty = ([up, down]) => money(Number((up * 200n + down) / (down * 2n)));

async function start(place) {
  const status = place.querySelector("[data-my-vote-status]");
  place.hidden = false;
  status.textContent = place.dataset.textWorking;
  const data = await load(place.dataset.source);
  if (data === null) {
    status.textContent = place.dataset.textFailed;
    return;
  }
  const entry = receipts.read(place.dataset.election);
  if (entry?.choice) show(place, data, marksOf(entry.choice, data.counts));
  else status.textContent = entry ? place.dataset.textNoChoice : place.dataset.textNone;
  place.querySelector("[data-my-vote-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = place.querySelector("#moje-numery");
    const keys = input.value.split(/[,;\s]+/).filter(Boolean);
    const known = keys.length > 0 && keys.every((key) => key in data.projects);
    place.querySelector("[data-my-vote-error]").hidden = known;
    input.setAttribute("aria-invalid", String(!known));
    if (known) show(place, data, new Map(keys.map((key) => [key, 1])));
    else input.focus();
  });
}

async function load(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function show(place, data, marks) {
  const texts = place.dataset;
  const known = new Map([...marks].filter(([key]) => key in data.projects));
  const { projects, shares } = brought(data, known);
  const won = projects.filter((one) => one.won).length;
  place.querySelector("[data-my-vote-list]").replaceChildren(...projects.map((one) => row(one, texts)));
  const lines = shares.map((one) => {
    const line = document.createElement("p");
    line.textContent = say(texts.textLeft, { pool: one.pool, share: zloty(one.share), left: zloty(one.left) });
    return line;
  });
  place.querySelector("[data-my-vote-shares]").replaceChildren(...lines);
  place.querySelector("[data-my-vote-status]").textContent = say(texts.textSummary, { won, all: projects.length });
}

function row(one, texts) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  const tag = document.createElement("span");
  const why = document.createElement("p");
  name.textContent = `${one.key} ${one.name}`;
  tag.className = `govuk-tag govuk-tag--${one.won ? "green" : "grey"}`;
  tag.textContent = one.won ? texts.textWon : texts.textLost;
  const paid = one.paid && one.paid[0] > 0n ? say(texts.textPaid, { money: zloty(one.paid) }) : "";
  why.textContent = [one.reason, one.missing, paid].filter(Boolean).join(" ");
  item.append(name, " ", tag, why);
  return item;
}
