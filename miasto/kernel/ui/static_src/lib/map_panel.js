// The panel over the map that tells of one feature: a part of the feature's own page, fetched when asked for.

export class Panel {
  constructor(root) {
    this.root = root;
    this.box = Object.assign(document.createElement("section"), { className: "ui-map__panel", hidden: true, tabIndex: -1 });
    this.box.setAttribute("aria-live", "polite");
    this.box.setAttribute("aria-label", root.dataset.label);
    this.box.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    root.append(this.box);
  }

  async open(url, opener) {
    this.opener = opener;
    this.turn = (this.turn || 0) + 1;
    const turn = this.turn;
    this.fill(this.paragraph(this.root.dataset.textLoading));
    this.box.setAttribute("aria-busy", "true");
    try {
      const address = new URL(url, location.href);
      if (address.origin !== location.origin) throw new Error("foreign address");
      address.searchParams.set("fragment", "1");
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn === this.turn) this.fill(...page.body.childNodes);
    } catch {
      if (turn === this.turn) this.fill(this.paragraph(this.root.dataset.textError));
    } finally {
      if (turn === this.turn) this.box.removeAttribute("aria-busy");
    }
  }

  paragraph(text) {
    return Object.assign(document.createElement("p"), { textContent: text });
  }

  fill(...nodes) {
    const close = Object.assign(document.createElement("button"), {
      type: "button", className: "govuk-button govuk-button--quiet govuk-button--small ui-map__close", textContent: this.root.dataset.textClose,
    });
    close.addEventListener("click", () => this.close());
    this.box.replaceChildren(close, ...nodes);
    this.box.hidden = false;
    this.box.focus({ preventScroll: true });
  }

  close() {
    this.box.hidden = true;
    this.opener?.focus({ preventScroll: true });
  }
}
