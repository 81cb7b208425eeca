// The form of an alert rule: the fields of the chosen kind at once, and the unit of what is measured beside each number.

/** The unit stands in brackets at the end of the name: „pył PM10 (µg/m³)". */
function unitOf(select) {
  return select?.selectedOptions[0]?.text.match(/\(([^()]*)\)$/)?.[1] || "";
}

function beside(input) {
  if (input.parentElement.matches(".alert-measured")) return input.nextElementSibling;
  const row = document.createElement("span");
  row.className = "alert-measured";
  input.replaceWith(row);
  const unit = document.createElement("span");
  unit.id = `${input.id}_jednostka`;
  input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") || ""} ${unit.id}`.trim());
  row.append(input, unit);
  return unit;
}

function show(form) {
  for (const condition of form.querySelectorAll("[data-condition]")) {
    const chosen = condition.querySelector("[name$='-kind']:checked")?.value;
    for (const part of condition.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== chosen;
    const unit = unitOf(condition.querySelector("select[name$='-code']"));
    for (const input of condition.querySelectorAll("[data-measured]")) beside(input).textContent = unit;
  }
  const second = form.querySelector("[data-second]");
  if (second) second.hidden = !form.querySelector("[name='join']:checked")?.value;
}

for (const form of document.querySelectorAll("form[data-alert-rule]")) {
  // Gone, not hidden: Enter in a field would press it.
  form.querySelector("[data-without-script]")?.remove();
  show(form);
  form.addEventListener("change", () => show(form));
  addEventListener("pageshow", () => show(form));
}
