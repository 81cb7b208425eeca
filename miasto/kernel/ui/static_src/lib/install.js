// The offer to keep the platform as an application: shown where the browser says that it can be (beforeinstallprompt).

export function startInstall(root) {
  const parts = root.querySelectorAll("[data-install]");
  addEventListener("beforeinstallprompt", (event) => {
    if (!parts.length) return; // elsewhere the browser's own prompt stays
    event.preventDefault();
    for (const part of parts) {
      part.hidden = false;
      part.querySelector("button").addEventListener("click", () => event.prompt(), { once: true });
    }
  });
  addEventListener("appinstalled", () => parts.forEach((part) => { part.hidden = true; }));
}
