// Step 2 of a report: the address field, the device's position, the photo's place and the map set one point together.

const form = document.querySelector("form[data-place]");
const text = form.dataset;
const map = document.getElementById("mapa-miejsca");
const place = document.getElementById("id_place");
const lon = document.getElementById("id_lon");
const lat = document.getElementById("id_lat");
const chosen = form.querySelector("[data-chosen]");
let asked = 0;

function say(...parts) {
  chosen.replaceChildren(...parts);
}

function strong(words) {
  return Object.assign(document.createElement("strong"), { textContent: words });
}

/** The point is known; asks for its address and says it. */
async function settle(point, source) {
  lon.value = point.lon;
  lat.value = point.lat;
  if (source !== "choice") for (const radio of form.querySelectorAll("input[name=choice]")) radio.checked = false;
  if (source !== "map") map?.dispatchEvent(new CustomEvent("set-place", { detail: { lon: Number(point.lon), lat: Number(point.lat) } }));
  const turn = ++asked;
  say(text.textAsking);
  const answer = await fetch(`${text.addressUrl}?lon=${point.lon}&lat=${point.lat}`).catch(() => null);
  const found = answer?.ok ? await answer.json() : null;
  if (turn !== asked) return;
  if (!found) return say(text.textFailed);
  chosen.classList.toggle("report-place__chosen--refused", !found.inside);
  if (!found.inside) return say(found.message);
  say(`${text.textChosen} `, strong(found.address), found.district ? `, ${found.district}` : "");
  if (source === "map" || source === "device") place.value = found.address;
}

// The map has a button of its own for the device's position; this one stands in for it until the map is drawn.
const device = form.querySelector(".report-place__device");
map?.addEventListener("map-ready", () => { if (device) device.hidden = true; });
map?.addEventListener("place-picked", (event) => settle(event.detail, event.detail.source === "device" ? "device" : "map"));
form.addEventListener("combo-chosen", (event) => settle(event.detail, "combo"));
form.addEventListener("change", (event) => {
  if (event.target.name === "choice") settle({ lon: event.target.dataset.lon, lat: event.target.dataset.lat }, "choice");
});
// Chosen before this script came, on a slow line, or kept by the browser on the way back.
const early = form.querySelector("input[name=choice]:checked");
if (early) settle({ lon: early.dataset.lon, lat: early.dataset.lat }, "choice");
place.addEventListener("input", () => {
  lon.value = "";
  lat.value = "";
  say("");
});

device?.querySelector("[data-device]").addEventListener("click", (event) => {
  const button = event.currentTarget;
  if (!navigator.geolocation) return say(text.textNoPosition);
  button.setAttribute("aria-busy", "true");
  say(text.textLocating);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.removeAttribute("aria-busy");
      settle({ lon: coords.longitude.toFixed(6), lat: coords.latitude.toFixed(6) }, "device");
    },
    () => {
      button.removeAttribute("aria-busy");
      say(text.textNoPosition);
    },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
  );
});
