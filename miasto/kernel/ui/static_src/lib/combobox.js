// Combobox after the ARIA Authoring Practices (list autocomplete, manual selection), grown out of a plain text field:
// <div class="ui-combo" data-combo data-source="/api/…?q=" data-target="id of the field for the value" …>
//   <input …></div>. The source answers [{value, label, detail}] or {results: [...]}; without JavaScript the field stays.

const PAUSE_MS = 180;
const TO_THE_TEXT = ["Home", "End", "ArrowLeft", "ArrowRight"];
let count = 0;

class Combo {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input");
    this.target = document.getElementById(root.dataset.target || "");
    this.least = Number(root.dataset.least || 2);
    this.options = [];
    this.active = -1;
    this.asked = 0;
    this.build(`combo-${++count}`);
    this.listen();
  }

  build(id) {
    this.list = Object.assign(document.createElement("ul"), { className: "ui-combo__list", id, hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.root.dataset.label || this.input.labels?.[0]?.textContent.trim() || "");
    this.status = Object.assign(document.createElement("p"), { className: "ui-combo__status" });
    this.status.setAttribute("role", "status");
    this.root.append(this.list, this.status);
    this.input.removeAttribute("list");
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off",
    })) this.input.setAttribute(name, value);
  }

  listen() {
    this.input.addEventListener("input", () => {
      if (this.target) this.target.value = "";
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), PAUSE_MS);
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.position));
    });
  }

  async ask() {
    const text = this.input.value.trim();
    if (text.length < this.least) return this.close();
    const turn = ++this.asked;
    this.root.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(this.root.dataset.source + encodeURIComponent(text), { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const body = await answer.json();
      if (turn === this.asked) this.show(Array.isArray(body) ? body : body.results || []);
    } catch {
      if (turn === this.asked) this.silence();
    } finally {
      if (turn === this.asked) this.root.removeAttribute("aria-busy");
    }
  }

  /** No suggestions can be had now: that is not the same as „nothing fits”, so nothing is said. */
  silence() {
    this.close();
    this.status.textContent = "";
  }

  show(options) {
    this.options = options;
    this.active = -1;
    this.list.replaceChildren(...options.map((option, position) => this.row(option, position)));
    this.toggle(options.length > 0);
    const { textFound = "", textNone = "" } = this.root.dataset;
    this.status.textContent = options.length ? textFound.replace("{n}", options.length) : textNone;
  }

  row(option, position) {
    const row = Object.assign(document.createElement("li"), { className: "ui-combo__option", id: `${this.list.id}-${position}` });
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.dataset.position = position;
    row.append(option.label);
    if (option.detail) row.append(Object.assign(document.createElement("small"), { textContent: option.detail }));
    return row;
  }

  key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && !this.list.hidden) {
      event.preventDefault();
      this.move(moves[event.key]);
    } else if (event.key === "ArrowDown") {
      this.ask();
    } else if (event.key === "Enter" && !this.list.hidden && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if (TO_THE_TEXT.includes(event.key) && this.active >= 0) {
      this.leaveOptions();
    }
  }

  /** The caret moves in the text again: no option is the active one, so Enter sends what is typed. */
  leaveOptions() {
    this.list.children[this.active].setAttribute("aria-selected", "false");
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
  }

  move(step) {
    this.active = (this.active + step + this.options.length + (this.active < 0 && step < 0 ? 1 : 0)) % this.options.length;
    [...this.list.children].forEach((row, position) => {
      row.setAttribute("aria-selected", String(position === this.active));
      if (position === this.active) {
        row.scrollIntoView({ block: "nearest" });
        this.input.setAttribute("aria-activedescendant", row.id);
      }
    });
  }

  choose(position) {
    const option = this.options[position];
    this.input.value = option.label;
    if (this.target) {
      this.target.value = option.value;
      this.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.close();
    this.root.dispatchEvent(new CustomEvent("combo-chosen", { bubbles: true, detail: option }));
    if (this.root.hasAttribute("data-submit")) this.input.form?.requestSubmit();
  }

  close() {
    this.asked += 1;
    this.root.removeAttribute("aria-busy");
    if (!this.list.hidden) this.status.textContent = "";
    this.toggle(false);
  }

  toggle(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!open) this.input.removeAttribute("aria-activedescendant");
  }
}

export function startCombos(root) {
  for (const element of root.querySelectorAll("[data-combo]")) new Combo(element);
}
