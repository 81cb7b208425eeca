// The page of the city map: the layer switches, the search for a place, and an address that leads back to this view.

const root = document.getElementById("mapa");
const form = document.querySelector("[data-map-layers]");
const find = document.querySelector("[data-map-find]");
const ZOOM_OF_ADDRESS = 17;

function switches() {
  return [...form.querySelectorAll("input[name=warstwy]")];
}

function chosen() {
  return switches().filter((input) => input.checked).map((input) => input.value);
}

/** "#12.5/50.87/20.63" of the present view. */
function hashOf(map) {
  const { lat, lng } = map.getCenter();
  return `#${map.getZoom().toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
}

function viewOf(hash) {
  const numbers = hash.replace(/^#/, "").split("/").map(Number);
  return numbers.length === 3 && numbers.every(Number.isFinite) ? { zoom: numbers[0], center: [numbers[2], numbers[1]] } : null;
}

function remember() {
  const address = new URL(location.href);
  address.searchParams.set("warstwy", chosen().join(","));
  if (root.cityMap) address.hash = hashOf(root.cityMap);
  history.replaceState(null, "", address.href.replaceAll("%2C", ","));
  const list = new URL(form.dataset.list, location.href);
  list.searchParams.set("warstwy", chosen().join(","));
  if (root.cityMap) {
    const box = root.cityMap.getBounds();
    list.searchParams.set("bbox", [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((n) => n.toFixed(5)).join(","));
  }
  for (const link of document.querySelectorAll("[data-map-list], #mapa .ui-map__tools a")) link.href = list.href;
}

function startLayers() {
  form.addEventListener("change", (event) => {
    if (event.target.name !== "warstwy") return;
    root.dispatchEvent(new CustomEvent("show-layer", { detail: { key: event.target.value, on: event.target.checked } }));
    remember();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}

function go(place) {
  const map = root.cityMap;
  if (!map || !Number.isFinite(Number(place.lon))) return;
  if (place.bbox && place.bbox[2] > place.bbox[0]) map.fitBounds(place.bbox, { padding: 40, maxZoom: ZOOM_OF_ADDRESS, animate: false });
  else map.jumpTo({ center: [Number(place.lon), Number(place.lat)], zoom: ZOOM_OF_ADDRESS });
  root.scrollIntoView({ block: "nearest" });
}

function startFinding() {
  const problem = find.querySelector("[data-map-find-problem]");
  find.addEventListener("combo-chosen", (event) => go(event.detail));
  find.addEventListener("submit", async (event) => {
    if (!root.cityMap) return;
    event.preventDefault();
    const text = new FormData(find).get("szukaj").trim();
    if (!text) return;
    const answer = await fetch(find.dataset.source + encodeURIComponent(text), { headers: { Accept: "application/json" } });
    const body = answer.ok ? await answer.json() : [];
    const places = Array.isArray(body) ? body : body.results || [];
    problem.hidden = places.length > 0;
    problem.textContent = places.length ? "" : find.dataset.textNone;
    if (places.length) go(places[0]);
  });
}

function startSharing() {
  const button = document.querySelector("[data-map-share]");
  const status = document.querySelector("[data-map-share-status]");
  button?.addEventListener("click", async () => {
    remember();
    try {
      await navigator.clipboard.writeText(location.href);
      status.textContent = button.dataset.textDone;
    } catch {
      status.textContent = button.dataset.textFailed;
    }
  });
}

root.addEventListener("map-ready", () => {
  const view = viewOf(location.hash);
  if (view) root.cityMap.jumpTo(view);
  const wanted = new Set(chosen());
  for (const input of switches()) {
    root.dispatchEvent(new CustomEvent("show-layer", { detail: { key: input.value, on: wanted.has(input.value) } }));
  }
  root.cityMap.on("moveend", remember);
  remember();
}, { once: true });
addEventListener("hashchange", () => {
  const view = viewOf(location.hash);
  if (view && root.cityMap) root.cityMap.jumpTo(view);
});
startLayers();
startFinding();
startSharing();
