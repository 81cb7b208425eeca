// The service worker: registered after the page is drawn, and told on each page that there is a network.

export function startWorker() {
  const address = document.documentElement.dataset.worker;
  if (!address || !navigator.serviceWorker) return;
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
