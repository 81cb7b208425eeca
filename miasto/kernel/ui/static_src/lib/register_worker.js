// The service worker: registered after the page is drawn, and told on each page that there is a network. A page without the
// attribute is of a device that keeps nothing (a kiosk): a worker that it got elsewhere goes, and what it keeps is not shown.

export function startWorker() {
  const address = document.documentElement.dataset.worker;
  if (!navigator.serviceWorker) return;
  if (!address) {
    navigator.serviceWorker.getRegistrations().then((found) => found.forEach((one) => one.unregister())).catch(() => {});
    return;
  }
  const wake = () => navigator.serviceWorker.controller?.postMessage("online");
  addEventListener("online", wake);
  addEventListener("load", async () => {
    try {
      await navigator.serviceWorker.register(address, { scope: "/" });
      if (navigator.onLine) wake();
    } catch (error) {
      console.warn(error.message);
    }
  });
}
