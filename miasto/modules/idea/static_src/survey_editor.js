// The editor of a question: fields that its kind does not use are hidden.

const USED = {
  choice: ["choices", "other"], choices: ["choices", "other"], matrix: ["choices", "rows"], ranking: ["choices"],
  scale: ["least", "most", "low", "high"], number: ["least", "most"], marks: ["shapes", "least", "most"],
};
const OPTIONAL = ["choices", "rows", "other", "least", "most", "low", "high", "shapes"];

function show(form) {
  const kind = form.querySelector("[name=kind]:checked")?.value;
  for (const input of form.querySelectorAll("input, textarea, select")) {
    const stem = OPTIONAL.find((name) => input.name === name || ["pl", "en", "uk"].some((language) => input.name === `${name}_${language}`));
    if (stem) input.closest(".govuk-form-group").hidden = !(USED[kind] || []).includes(stem);
  }
}

for (const form of document.querySelectorAll("form[data-kinds]")) {
  if (!form.querySelector("[name=kind]")) continue;
  show(form);
  form.addEventListener("change", (event) => { if (event.target.name === "kind") show(form); });
}
