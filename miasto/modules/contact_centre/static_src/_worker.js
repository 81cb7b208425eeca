// The outbox of reports in the service worker: sends when the browser says that there is a network, also without a page.
import { sendAll, TAG } from "./lib/outbox.js";

addEventListener("sync", (event) => {
  if (event.tag !== TAG) return;
  // A failed promise is what makes the browser try again later.
  event.waitUntil(sendAll().then((left) => { if (left) throw new Error("the network is not back yet"); }));
});
addEventListener("message", (event) => {
  if (event.data === "online") event.waitUntil(sendAll());
});
