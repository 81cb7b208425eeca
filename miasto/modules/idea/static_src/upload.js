// Tells how much of a large file has gone. Without it the form is sent the plain way.

function watch(form) {
  const line = form.querySelector(".idea-upload");
  const bar = line.querySelector("progress");
  const status = line.querySelector("[role=status]");
  const button = form.querySelector("button");
  let said = -1;

  function failed() {
    button.disabled = false;
    status.textContent = form.dataset.uploadFailed;
  }

  function shown(page) {
    const main = page.querySelector("main");
    if (!main) return failed();
    const here = document.querySelector("main");
    here.replaceWith(main);
    document.title = page.title;
    window.scrollTo(0, 0);
    const first = main.querySelector(".govuk-error-summary, [role=alert], .govuk-notification-banner, h1");
    first?.setAttribute("tabindex", "-1");
    first?.focus();
    main.querySelectorAll("form[data-upload]").forEach(watch);
  }

  form.addEventListener("submit", (event) => {
    if (![...form.querySelectorAll("input[type=file]")].some((input) => input.files.length)) return;
    event.preventDefault();
    const request = new XMLHttpRequest();
    line.hidden = false;
    button.disabled = true;
    request.upload.addEventListener("progress", (part) => {
      if (!part.lengthComputable) return;
      bar.value = (100 * part.loaded) / part.total;
      const tens = Math.floor(bar.value / 10) * 10;
      if (tens === said) return;
      said = tens;
      status.textContent = form.dataset.uploadText.replace("{n}", tens);
    });
    request.upload.addEventListener("load", () => (status.textContent = form.dataset.uploadDone));
    request.addEventListener("load", () => shown(new DOMParser().parseFromString(request.responseText, "text/html")));
    request.addEventListener("error", failed);
    request.open("POST", window.location.href);
    request.send(new FormData(form));
  });
}

document.querySelectorAll("form[data-upload]").forEach(watch);
