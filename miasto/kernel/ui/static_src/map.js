// Starts every map of the page when it comes near the window; the library is fetched only then.
function start(root) {
  import("./lib/city_map.js").then(({ CityMap }) => new CityMap(root).start()).catch((error) => fail(root, error));
}

function fail(root, error) {
  for (const part of root.querySelectorAll(".ui-map__canvas, .ui-map__cross, .ui-map__tools")) part.remove();
  const text = root.querySelector("[data-fallback-text]");
  if (text) text.textContent = root.dataset.textFail;
  root.dataset.failed = "1";
  console.warn(error);
}

const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    near.unobserve(entry.target);
    start(entry.target);
  }
}, { rootMargin: "300px" });

for (const root of document.querySelectorAll(".ui-map[data-map]")) near.observe(root);
