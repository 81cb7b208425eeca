// The kiosk: whoever leaves without ending is asked, and then everything is forgotten on the server and here.

const main = document.querySelector("[data-kiosk]");
const dialog = document.querySelector("[data-idle-dialog]");
const left = dialog.querySelector("[data-left]");
const end = document.querySelector("[data-end]");
const IDLE_MS = Number(main.dataset.idle) * 1000;
const WARNING_S = Number(main.dataset.warning);
const ALIVE_MS = 30_000;
let idle = 0;
let countdown = 0;
let told = Date.now();

/** Somebody is here: the count begins anew, and the server hears of it now and then. */
function here() {
  clearTimeout(idle);
  if (dialog.open) return;
  idle = setTimeout(ask, IDLE_MS);
  if (Date.now() - told > ALIVE_MS && main.dataset.busy) {
    told = Date.now();
    const token = end.querySelector("[name=csrfmiddlewaretoken]").value;
    fetch(main.dataset.aliveUrl, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => null);
  }
}

function ask() {
  if (!main.dataset.busy && !dirty()) {
    if (location.pathname !== "/kiosk/") end.submit();
    return;
  }
  let seconds = WARNING_S;
  left.textContent = seconds;
  dialog.showModal();
  countdown = setInterval(() => {
    seconds -= 1;
    left.textContent = seconds;
    if (seconds <= 0) forget();
  }, 1000);
}

const dirty = () => [...main.querySelectorAll("input:not([type=hidden]), textarea")].some((one) => one.value && one.type !== "radio");

function forget() {
  clearInterval(countdown);
  for (const form of main.querySelectorAll("form")) form.reset();
  end.submit();
}

function stay() {
  clearInterval(countdown);
  dialog.close();
  told = 0;
  here();
}

dialog.querySelector("[data-stay]").addEventListener("click", stay);
dialog.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
for (const name of ["pointerdown", "keydown", "input", "wheel", "touchmove"]) addEventListener(name, here, { passive: true });
addEventListener("contextmenu", (event) => event.preventDefault());
// The answer to a form becomes a plain entry of the history: the back button finds nothing to send again.
history.replaceState(null, "", location.href);
// A page that the browser kept for the back button is asked for anew, so that it shows what the server still knows: nothing.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
document.querySelector("[data-print]")?.addEventListener("click", () => print());
here();
