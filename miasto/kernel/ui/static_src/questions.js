// Questions of a form: those that depend on an answer come and go with it; a ranking is put in order with buttons.

function given(form, name) {
  return [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
    .filter((input) => !["radio", "checkbox"].includes(input.type) || input.checked)
    .flatMap((input) => input.value.split(","));
}

/** A question that is not asked is hidden and its fields are not sent; one hidden question hides those that depend on it. */
export function showAsked(form) {
  for (const block of form.querySelectorAll("[data-when]")) {
    const on = form.querySelector(`[name="${CSS.escape(block.dataset.when)}"]`);
    const values = on?.matches(":disabled") ? [] : given(form, block.dataset.when);
    const asked = block.dataset.whenValues.split(",").some((value) => values.includes(value));
    block.hidden = !asked;
    for (const input of block.querySelectorAll("input, select, textarea")) input.disabled = !asked;
  }
}

class Ranking {
  constructor(list) {
    this.list = list;
    this.text = list.dataset;
    this.said = Object.assign(document.createElement("p"), { className: "govuk-visually-hidden" });
    this.said.setAttribute("role", "status");
    list.after(this.said);
    list.classList.add("ui-ranking--ordered");
    const place = (item) => Number(item.querySelector("select").value) || 99;
    this.touched = this.items().some((item) => place(item) < 99);
    this.items().sort((a, b) => place(a) - place(b)).forEach((item) => this.prepare(item));
    this.number();
  }

  items() {
    return [...this.list.children];
  }

  prepare(item) {
    this.list.append(item);
    const name = item.querySelector("label").textContent;
    const box = Object.assign(document.createElement("span"), { className: "ui-ranking__buttons" });
    for (const [way, sign, words] of [[-1, "↑", this.text.textUp], [1, "↓", this.text.textDown]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign, className: "govuk-button govuk-button--secondary govuk-button--small" });
      button.setAttribute("aria-label", `${words} ${name}`);
      button.addEventListener("click", () => this.move(item, way, button));
      box.append(button);
    }
    item.append(box);
    item.querySelector("select").addEventListener("change", (event) => this.put(item, Number(event.target.value)));
  }

  move(item, way, button) {
    const items = this.items();
    const at = items.indexOf(item);
    const to = Math.min(Math.max(at + way, 0), items.length - 1);
    this.put(item, to + 1);
    button.focus();
  }

  put(item, place) {
    this.touched = true;
    if (!place) return;
    const others = this.items().filter((other) => other !== item);
    others.splice(place - 1, 0, item);
    others.forEach((other) => this.list.append(other));
    this.number();
    const name = item.querySelector("label").textContent;
    this.said.textContent = this.text.textMoved.replace("{item}", name).replace("{place}", place).replace("{all}", others.length);
  }

  number() {
    if (!this.touched) return;
    this.items().forEach((item, n) => { item.querySelector("select").value = String(n + 1); });
    this.list.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

export function startQuestions(root) {
  root.querySelectorAll("[data-ranking]").forEach((list) => new Ranking(list));
  for (const form of root.querySelectorAll("form[data-questions]")) {
    showAsked(form);
    form.addEventListener("change", () => showAsked(form));
  }
}

startQuestions(document);
