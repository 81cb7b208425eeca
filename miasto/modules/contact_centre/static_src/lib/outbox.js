// Reports written without a network, kept in IndexedDB and sent once. Used by the page and by the service worker.
//
// A report: {key, made (ms), state, title, fields: {name: text}, photos: [{name, blob}], urls: {send, token}} and then
// {number, link} of a sent one or {problems: {field: [sentences]}} of a refused one. States: waiting, sending, sent, refused.
// The key is made on the device: the server knows a repeated report by it, so sending again after a lost answer is safe.
export const TAG = "contact-centre-outbox";
const STORE = "reports";
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

export async function remove(key) {
  await within("readwrite", (store) => store.delete(key));
  news?.postMessage(key);
}

/** Sends what waits, one sender at a time; gives how many still wait. */
export function sendAll(changed) {
  return navigator.locks ? navigator.locks.request(TAG, () => sendWaiting(changed)) : sendWaiting(changed);
}

async function sendWaiting(changed = () => {}) {
  let left = 0;
  for (const report of await all()) {
    if (report.state !== "waiting" && report.state !== "sending") continue;
    await put({ ...report, state: "sending" });
    await changed();
    const done = await outcome(report).catch(() => ({ ...report, state: "waiting" }));
    await put(done);
    await changed();
    if (done.state === "waiting") left += 1;
  }
  return left;
}

/** The report after an attempt; fails where there is no network, or where what answers is not the platform. */
async function outcome(report) {
  const asked = await fetch(report.urls.token, { cache: "no-store", credentials: "same-origin", redirect: "error" });
  const { token } = await asked.json();
  const body = new FormData();
  body.set("key", report.key);
  for (const [name, value] of report.fields) body.append(name, value);
  for (const { name, blob } of report.photos) body.append("photos", blob, name);
  const answer = await fetch(report.urls.send, {
    method: "POST", body, credentials: "same-origin", redirect: "error", headers: { "X-CSRFToken": token },
  });
  if (answer.status === 400 || answer.status === 413) return { ...report, state: "refused", problems: {} };
  if (answer.status !== 200 && answer.status !== 422) return { ...report, state: "waiting" };
  const told = await answer.json();
  if (answer.status === 422) return { ...report, state: "refused", problems: told.errors };
  const { key, made, title } = report;
  return { key, made, title, state: "sent", number: told.number, link: told.link };
}
