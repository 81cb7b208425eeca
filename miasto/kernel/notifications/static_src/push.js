// Messages in this browser (web push): the state, the switch, and following without an account by this browser alone.

const part = document.querySelector("[data-push]");
const text = part.dataset;
const state = part.querySelector("[data-push-state]");
const [on, off] = ["on", "off"].map((name) => part.querySelector(`[data-push-${name}]`));
const follow = document.querySelector("[data-push-follow]");
const SEEN = "push-reloaded";

function bytes(key) {
  const plain = atob(key.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(key.length / 4) * 4, "="));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function show(name) {
  state.textContent = text[name];
  const can = name === "textOff" || name === "textFailed";
  if (on) on.hidden = !can;
  off.hidden = name !== "textOn";
  if (follow) follow.hidden = !can && name !== "textOn";
}

async function registration() {
  await navigator.serviceWorker.register(document.documentElement.dataset.worker, { scope: "/" });
  return navigator.serviceWorker.ready;
}

async function present() {
  const known = await navigator.serviceWorker.getRegistration("/");
  return (await known?.pushManager?.getSubscription()) || null;
}

/** The browser's subscription, made where there is none; one made for another key of the platform is given up. */
async function agreed() {
  const options = { userVisibleOnly: true, applicationServerKey: bytes(text.key) };
  const { pushManager } = await registration();
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    await (await pushManager.getSubscription())?.unsubscribe();
    return pushManager.subscribe(options);
  }
}

async function post(url, subscription, more = {}) {
  const { endpoint, keys } = subscription.toJSON();
  const body = new URLSearchParams({ endpoint, ...keys, ...more, csrfmiddlewaretoken: part.querySelector("[name=csrfmiddlewaretoken]").value });
  const answer = await fetch(url, { method: "POST", body });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function switchOn() {
  const made = await post(text.addUrl, await agreed());
  show("textOn");
  return made;
}

async function switchOff() {
  const subscription = await present();
  if (subscription) {
    await post(text.removeUrl, subscription);
    await subscription.unsubscribe();
  }
  show("textOff");
  if ("reload" in text) location.reload();
}

/** Runs what a button asks for; the button is busy meanwhile, and a failure is told. */
async function attempt(button, act) {
  button.disabled = true;
  try {
    await act();
  } catch (error) {
    show(Notification.permission === "denied" ? "textDenied" : "textFailed");
    console.warn(error.message);
  } finally {
    button.disabled = false;
  }
}

async function followHere() {
  follow.value = (await switchOn()).device;
  follow.disabled = false;
  follow.form.requestSubmit(follow);
}

/** Whether this browser agreed before, as whoever is here now; its session may then see what it follows. */
async function greet() {
  const subscription = await present();
  if (!subscription || Notification.permission !== "granted") {
    show(Notification.permission === "denied" ? "textDenied" : "textOff");
    return;
  }
  const { device, known } = await post(text.addUrl, subscription, { again: "1" });
  show(device ? "textOn" : "textOff");
  if (!device || known || !("reload" in text) || sessionStorage.getItem(SEEN)) return;
  sessionStorage.setItem(SEEN, "1");
  location.reload();
}

const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
if (able) {
  on?.addEventListener("click", () => attempt(on, switchOn));
  off.addEventListener("click", () => attempt(off, switchOff));
  follow?.addEventListener("click", (event) => {
    if (follow.value) return;
    event.preventDefault();
    attempt(follow, followHere);
  });
  greet().catch(() => show("textFailed"));
} else {
  show("textUnable");
}
