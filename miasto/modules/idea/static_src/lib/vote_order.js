// Buttons for an ordinal pool: add to the end, up, down, remove. The numbers stay what is sent.
import { valueOf } from "./vote_sums.js";

const inputOf = (option) => option.querySelector("input");
const ordered = (pool) =>
  [...pool.querySelectorAll("[data-vote-option]")].filter(valueOf).sort((one, other) => valueOf(one) - valueOf(other));

function renumber(options) {
  options.forEach((one, place) => {
    inputOf(one).value = String(place + 1);
  });
}

function button(text, name, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "govuk-button govuk-button--secondary govuk-button--small";
  made.textContent = text;
  made.setAttribute("aria-label", `${text}: ${name}`);
  made.addEventListener("click", act);
  return made;
}

/** Gives each option of the pool its buttons; `changed()` is called after each press. */
export function startOrder(pool, texts, changed) {
  const draw = (keep) => {
    const order = ordered(pool);
    for (const option of pool.querySelectorAll("[data-vote-option]")) {
      const place = order.indexOf(option);
      const name = option.querySelector("[data-vote-name]").textContent;
      const moves = option.querySelector("[data-vote-moves]");
      const move = (text, act) => button(text, name, () => act(text));
      const swap = (by) => (text) => {
        const now = ordered(pool);
        const at = now.indexOf(option);
        [now[at], now[at + by]] = [now[at + by], now[at]];
        done(now, option, text);
      };
      const found = [];
      if (place < 0) found.push(move(texts.textAdd, (text) => done([...ordered(pool), option], option, text)));
      if (place > 0) found.push(move(texts.textUp, swap(-1)));
      if (place >= 0 && place < order.length - 1) found.push(move(texts.textDown, swap(1)));
      if (place >= 0) {
        found.push(
          move(texts.textRemove, (text) => {
            inputOf(option).value = "";
            done(ordered(pool).filter((one) => one !== option), option, text);
          }),
        );
      }
      moves.replaceChildren(...found);
      if (keep?.option === option) (found.find((one) => one.textContent === keep.text) || found[0])?.focus();
    }
  };
  const done = (order, option, text) => {
    renumber(order);
    draw({ option, text });
    changed();
  };
  pool.addEventListener("change", () => draw());
  draw();
  return draw;
}
