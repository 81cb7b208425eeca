// Web push in the service worker: shows a message (RFC 8291, decrypted by the browser) and opens the page it tells of.

addEventListener("push", (event) => {
  const { title, body, tag, url, lang } = event.data ? event.data.json() : {};
  if (!title) return;
  event.waitUntil(self.registration.showNotification(title, { body, tag, lang, icon: "/ikony/192.png", data: { url } }));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const target = new URL(event.notification.data?.url || "/", self.location.origin);
  if (target.origin !== self.location.origin) return;
  const open = async () => {
    const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const shown = windows.find((one) => one.url === target.href);
    return shown ? shown.focus() : self.clients.openWindow(target.href);
  };
  event.waitUntil(open());
});
