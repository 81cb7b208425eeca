// The service worker of the platform. It keeps the few pages that work without a network, with the files they need, and
// nothing else: the pages are asked for without cookies, so no copy holds anything of a person. The server writes
// self.PLATFORM before this text: {version, offline, pages: [{page, prefix}]}; a new version is a new cache.
const { version, offline, pages } = self.PLATFORM;
const FAMILY = "platform-";
const CACHE = FAMILY + version;
const SCRIPT_OR_IMAGE = /<(?:script|img)\b[^>]*?\ssrc="([^"]+)"/g;
const LINK = /<link\b[^>]*?\srel="(?:stylesheet|preload|icon)"[^>]*>/g;
const HREF = /\shref="([^"]+)"/;
const IMPORT = /(?:from|import)\s*["'](\.{1,2}\/[^"']+)["']/g;
const IN_STYLES = /url\(["']?((?!data:)[^"')]+)["']?\)/g;

const first = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);

function neededBy(type, text) {
  if (type.includes("html")) {
    const links = [...text.matchAll(LINK)].map(([tag]) => tag.match(HREF)?.[1]).filter(Boolean);
    return [...first(text, SCRIPT_OR_IMAGE), ...links].map((address) => address.replaceAll("&amp;", "&"));
  }
  if (type.includes("javascript")) return first(text, IMPORT);
  return type.includes("css") ? first(text, IN_STYLES) : [];
}

/** Keeps an address and everything it needs; fails where any of it cannot be had. */
async function keep(cache, address, seen = new Set()) {
  if (seen.has(address)) return;
  seen.add(address);
  const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
  if (!answer.ok || answer.redirected) throw new Error(`${address}: ${answer.status}`);
  await cache.put(address, answer.clone());
  const type = answer.headers.get("Content-Type") || "";
  if (!/html|javascript|css/.test(type)) return;
  const needed = neededBy(type, await answer.text()).map((one) => new URL(one, address));
  await Promise.all(needed.filter((one) => one.origin === self.location.origin).map((one) => keep(cache, one.href, seen)));
}

async function keepAll() {
  const cache = await caches.open(CACHE);
  const seen = new Set();
  for (const address of [offline, ...pages.map((one) => one.page)]) {
    await keep(cache, new URL(address, self.location.origin).href, seen);
  }
}

async function withoutNetwork(path) {
  const own = pages.find((one) => path === one.page);
  const near = own || pages.find((one) => path.startsWith(one.prefix));
  if (near && !own) return Response.redirect(near.page);
  const kept = await (await caches.open(CACHE)).match(own ? own.page : offline, { ignoreVary: true });
  return kept || Response.error();
}

async function fromNetworkOrKept(request) {
  try {
    return await fetch(request);
  } catch {
    return (await (await caches.open(CACHE)).match(request, { ignoreVary: true })) || Response.error();
  }
}

addEventListener("install", (event) => event.waitUntil(keepAll().then(() => self.skipWaiting())));

addEventListener("activate", (event) => {
  const forget = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(FAMILY) && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => withoutNetwork(url.pathname)));
    // What the page offers changes with the catalogue of the city, so the kept copy is renewed while there is a network.
    if (pages.some((one) => one.page === url.pathname)) event.waitUntil(keepAll().catch(() => {}));
  } else if (["style", "script", "font", "image"].includes(request.destination) && !request.headers.has("range")) {
    event.respondWith(fromNetworkOrKept(request));
  }
});
