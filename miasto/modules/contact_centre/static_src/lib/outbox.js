// Reports written without a network, kept in IndexedDB and sent once. Used by the page and by the service worker.
//
// A report: {key, made (ms), state, title, fields: [[name, text]], photos: [{name, blob}], urls: {send, token}} and
// - of a waiting one: attempted (it may have arrived), trouble: {kind, status}, notBefore (ms) after a try that failed,
// - of a refused one: problems: {field: [sentences]} or why: "large" | "broken",
// - of a sent one, instead of the words and photos: {number, link}.
// States: waiting, sending, held (being mended), sent, refused.
// The key is made on the device: the server knows a repeated report by it, so sending again after a lost answer is safe.
export const TAG = "contact-centre-outbox";
const STORE = "reports";
const KEEP_SENT_MS = 30 * 24 * 3600 * 1000;
const PAUSE_S = { least: 60, most: 24 * 3600 };
const REFUSALS = { 400: "broken", 413: "large" };
export const news = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(TAG);

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("contact-centre", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** Runs `work(store)` in one transaction; gives the result of the request that it returns, once everything is written. */
async function within(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export async function all() {
  const reports = await within("readonly", (store) => store.getAll());
  return reports.sort((one, other) => other.made - one.made);
}

export async function put(report) {
  await within("readwrite", (store) => store.put(report));
  news?.postMessage(report.key);
}

/** Writes what became of a report, unless it was deleted meanwhile. */
async function update(report) {
  await within("readwrite", (store) => {
    const asked = store.get(report.key);
    asked.onsuccess = () => asked.result && store.put(report);
  });
  news?.postMessage(report.key);
}

export async function remove(key) {
  await within("readwrite", (store) => store.delete(key));
  news?.postMessage(key);
}

export async function removeAll() {
  await within("readwrite", (store) => store.clear());
  news?.postMessage("");
}

/** A sent report holds a link that only its author should have, so it does not stay on the device for ever. */
export async function forgetOld() {
  for (const { key, state, made } of await all()) {
    if (state === "sent" && made < Date.now() - KEEP_SENT_MS) await remove(key);
  }
}

const alone = (work) => (navigator.locks ? navigator.locks.request(TAG, work) : work());

/** Takes a report out of the queue to mend it; null where it is gone, or may have arrived already. Never while it is sent. */
export function hold(key) {
  return alone(async () => {
    const report = (await all()).find((one) => one.key === key);
    if (report?.state === "held" || report?.state === "refused") return report;
    if (report?.state !== "waiting" || report.attempted) return null;
    await update({ ...report, state: "held" });
    return report;
  });
}

/** Sends what waits, one sender at a time; gives how many still wait. */
export function sendAll(changed) {
  return alone(() => sendWaiting(changed));
}

async function sendWaiting(changed = () => {}) {
  let left = 0;
  for (const report of await all()) {
    if (report.state !== "waiting" && report.state !== "sending") continue;
    if (report.notBefore > Date.now()) {
      left += 1;
      continue;
    }
    await update({ ...report, state: "sending" });
    await changed();
    const done = await outcome(report);
    await update(done);
    await changed();
    if (done.state === "waiting") left += 1;
  }
  return left;
}

/** The report after an attempt. Without a network, or where what answers is not the platform, it waits on. */
async function outcome(report) {
  const waiting = { ...report, state: "waiting", trouble: null, notBefore: 0 };
  let attempted = report.attempted ?? false;
  try {
    const token = await freshToken(report);
    attempted = true;
    await update({ ...report, state: "sending", attempted });
    return await told(waiting, await post(report, token));
  } catch {
    return { ...waiting, attempted, trouble: attempted ? { kind: "unsure" } : null };
  }
}

async function freshToken({ urls }) {
  const asked = await fetch(urls.token, { cache: "no-store", credentials: "same-origin", redirect: "error" });
  return (await asked.json()).token;
}

function post({ key, fields, photos, urls }, token) {
  const body = new FormData();
  body.set("key", key);
  for (const [name, value] of fields) body.append(name, value);
  for (const { name, blob } of photos) body.append("photos", blob, name);
  const headers = { "X-CSRFToken": token };
  return fetch(urls.send, { method: "POST", body, credentials: "same-origin", redirect: "error", headers });
}

/** What the server's answer makes of the report; fails where a good answer cannot be read. Nothing is lost by any of them. */
async function told(waiting, answer) {
  const { status } = answer;
  if (REFUSALS[status]) return { ...waiting, state: "refused", problems: {}, why: REFUSALS[status] };
  if (status === 422) return { ...waiting, state: "refused", problems: (await answer.json()).errors, why: "" };
  if (status === 429) return { ...waiting, trouble: { kind: "busy" }, notBefore: Date.now() + 1000 * pause(answer) };
  if (status === 403) return { ...waiting, trouble: { kind: "forbidden" }, notBefore: Date.now() + 1000 * PAUSE_S.least };
  if (status !== 200) return { ...waiting, attempted: true, trouble: { kind: "server", status } };
  const { number, link } = await answer.json();
  const { key, made, title } = waiting;
  return { key, made, title, state: "sent", number, link };
}

const pause = (answer) => Math.min(Math.max(Number(answer.headers.get("Retry-After")) || 0, PAUSE_S.least), PAUSE_S.most);
