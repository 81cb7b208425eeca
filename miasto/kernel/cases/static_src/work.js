// The staff's page of a case: a prepared answer goes into the text where the cursor is, without a round trip.

for (const box of document.querySelectorAll("[data-template]")) {
  const form = box.closest("form");
  const select = box.querySelector("select");
  box.querySelector("button").addEventListener("click", (event) => {
    const field = form.querySelector("textarea[name=answer]");
    const body = select.selectedOptions[0]?.dataset.body;
    event.preventDefault();
    if (!body) return select.focus();
    const [start, end] = [field.selectionStart, field.selectionEnd];
    field.setRangeText(field.value.slice(0, start).trim() ? `\n\n${body}` : body, start, end, "end");
    field.focus();
  });
}
