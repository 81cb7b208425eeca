// Forms and menus of every page.

/** Fields that belong to one answer are shown while it is chosen (radios tell no change when another is chosen: ask all). */
function showConditionals(root) {
  for (const extra of root.querySelectorAll("[data-conditional-for]")) {
    const input = document.getElementById(extra.dataset.conditionalFor);
    if (!input) continue;
    const kind = extra.classList.contains("govuk-radios__conditional") ? "radios" : "checkboxes";
    extra.classList.toggle(`govuk-${kind}__conditional--hidden`, !input.checked);
  }
}

/** Holds back a second press of a button that sends a form, and says that it is busy. */
function guardSubmits(root) {
  for (const form of root.querySelectorAll("form[method='post']")) {
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      event.submitter?.setAttribute("aria-busy", "true");
      setTimeout(() => release(form), 8000);
    });
  }
  addEventListener("pageshow", () => root.querySelectorAll("form[data-sent]").forEach(release));
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}

/** Filters that apply as soon as one is changed carry data-auto-submit. */
function autoSubmit(root) {
  for (const form of root.querySelectorAll("form[data-auto-submit]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) form.requestSubmit();
    });
  }
}

export function startForms(root) {
  showConditionals(root);
  root.addEventListener("change", (event) => {
    if (event.target.matches("[type=radio], [type=checkbox]")) showConditionals(event.target.form || root);
  });
  guardSubmits(root);
  autoSubmit(root);
}

/** A menu in <details> closes on Escape and when the reader goes elsewhere. */
export function startMenus(root) {
  for (const menu of root.querySelectorAll("details.ui-menu")) {
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    });
  }
}
