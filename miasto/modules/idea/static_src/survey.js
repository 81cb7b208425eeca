// Answering a survey: places drawn on the map get their questions; what was answered stays on this device until it is sent.
import { showAsked } from "../../../kernel/ui/static_src/questions.js";

const KEPT = "ankieta:";

class Marks {
  constructor(section) {
    this.section = section;
    this.form = section.closest("form");
    this.map = section.querySelector("[data-map]");
    this.list = section.querySelector("[data-list]");
    this.empty = section.querySelector("template[data-empty]");
    this.key = section.dataset.marks;
    this.map.addEventListener("draw-ready", () => this.load());
    this.map.addEventListener("drawn", (event) => this.add(event.detail));
    this.map.addEventListener("redrawn", (event) => this.put(event.detail));
    this.map.addEventListener("draw-removed", (event) => this.drop(this.of(event.detail.id), false));
    this.map.addEventListener("draw-selected", (event) => this.mark(this.of(event.detail.id)));
    this.list.addEventListener("click", (event) => {
      if (!event.target.closest("[data-drop]")) return;
      event.preventDefault();
      this.drop(event.target.closest("[data-mark]"), true);
    });
    this.number();
  }

  items() {
    return [...this.list.querySelectorAll("[data-mark]")];
  }

  of(id) {
    return this.items().find((item) => item.dataset.mark === id || item.dataset.drawn === id);
  }

  input(item, name) {
    return item.querySelector(`[name="${item.dataset.mark}-${name}"]`);
  }

  load() {
    const features = this.items().flatMap((item) => {
      try {
        return [{ id: item.dataset.mark, geometry: JSON.parse(this.input(item, "geom").value) }];
      } catch {
        return [];
      }
    });
    if (features.length) this.map.dispatchEvent(new CustomEvent("draw-load", { detail: { features } }));
  }

  add({ id, geometry }) {
    const items = this.items();
    if (items.length >= Number(this.section.dataset.most)) {
      this.map.dispatchEvent(new CustomEvent("draw-remove", { detail: { id } }));
      this.section.querySelector("[data-full]").hidden = false;
      return;
    }
    const next = Math.max(-1, ...items.map((item) => Number(item.dataset.mark.split("-").at(-1)))) + 1;
    const holder = document.createElement("div");
    holder.innerHTML = this.empty.innerHTML.replaceAll("__n__", next);
    const item = holder.firstElementChild;
    item.dataset.drawn = id;
    this.list.append(item);
    this.input(item, "geom").value = JSON.stringify(geometry);
    this.input(item, "way").value = "map";
    this.number();
    showAsked(this.form);
    this.changed();
    item.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  }

  put({ id, geometry }) {
    const item = this.of(id);
    if (!item) return;
    this.input(item, "geom").value = JSON.stringify(geometry);
    this.input(item, "way").value = "map";
    this.changed();
  }

  drop(item, told) {
    if (!item) return;
    if (told) this.map.dispatchEvent(new CustomEvent("draw-remove", { detail: { id: item.dataset.drawn || item.dataset.mark } }));
    item.remove();
    this.number();
    this.changed();
  }

  mark(item) {
    item?.scrollIntoView({ block: "nearest" });
  }

  number() {
    const items = this.items();
    items.forEach((item, n) => {
      item.querySelector("[data-name]").textContent = this.section.dataset.textPlace.replace("{n}", n + 1);
    });
    this.section.querySelector("[data-full]").hidden = items.length < Number(this.section.dataset.most);
  }

  changed() {
    this.list.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/** What was answered, on this device only: [[name, value], …] with the page. */
class Draft {
  constructor(form) {
    this.form = form;
    this.name = KEPT + form.dataset.survey;
    form.addEventListener("change", () => this.keep());
    form.addEventListener("input", () => this.keep());
    form.addEventListener("submit", () => this.keep());
    const box = document.querySelector("[data-draft]");
    const kept = this.read();
    const fresh = !form.querySelector("input[type=hidden][value]:not([name=at], [name=version], [name=client_key], [name=language], [name=csrfmiddlewaretoken])");
    if (!box || !kept || !fresh || document.querySelector(".govuk-error-summary") || Number(form.dataset.at) > 0) return;
    box.hidden = false;
    box.querySelector("[data-draft-back]").addEventListener("click", () => this.back(kept));
    box.querySelector("[data-draft-drop]").addEventListener("click", () => {
      this.drop();
      box.hidden = true;
    });
  }

  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name));
      return kept?.version === this.form.dataset.version && kept.fields.length ? kept : null;
    } catch {
      return null;
    }
  }

  keep() {
    const skipped = new Set(["csrfmiddlewaretoken", "at", "version", "go"]);
    const fields = [...new FormData(this.form)].filter(([name, value]) => !skipped.has(name) && typeof value === "string" && value);
    if (fields.length < 3) return; // the two hidden fields of every form and no answer
    try {
      localStorage.setItem(this.name, JSON.stringify({ version: this.form.dataset.version, at: this.form.dataset.at, fields }));
    } catch { /* no room, or storage is refused: the survey works without */ }
  }

  drop() {
    try {
      localStorage.removeItem(this.name);
    } catch { /* nothing is kept then */ }
  }

  /** Sends what was kept to the server, which draws the page where the reader left. */
  back(kept) {
    const form = Object.assign(document.createElement("form"), { method: "post", hidden: true });
    const token = this.form.querySelector("[name=csrfmiddlewaretoken]").value;
    for (const [name, value] of [...kept.fields, ["csrfmiddlewaretoken", token], ["at", kept.at], ["version", kept.version], ["go", "show"]]) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }
}

for (const section of document.querySelectorAll("[data-marks]")) new Marks(section);
const form = document.querySelector("form[data-survey]:not([data-no-draft])");
if (form) new Draft(form);
const goto = document.querySelector("form[data-goto]")?.dataset.goto;
if (goto) document.getElementById(`pytanie-${goto}`)?.querySelector(".survey-find summary, .survey-mark:last-of-type")?.scrollIntoView({ block: "center" });
const sent = document.querySelector("[data-survey-sent]")?.dataset.surveySent;
if (sent) try { localStorage.removeItem(KEPT + sent); } catch { /* nothing is kept then */ }
