// Buttons that copy the value of a field: <button data-copy="#field" data-text-copied data-text-select> and a [data-copy-status].

export function startCopy(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const field = root.querySelector(button.dataset.copy);
      const status = root.querySelector("[data-copy-status]");
      try {
        await navigator.clipboard.writeText(field.value);
        status.textContent = button.dataset.textCopied;
      } catch {
        field.focus();
        field.select();
        status.textContent = button.dataset.textSelect;
      }
    });
  }
}
