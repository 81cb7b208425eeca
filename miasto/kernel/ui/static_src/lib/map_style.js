// The style of the city map: read from the server, with labels drawn from the page's own font and only the wanted layers shown.

const LETTERS = "AĄBCĆDEĘFGHIJKLŁMNŃOÓPQRSŚTUVWXYZŹŻaąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż0123456789";
const FAMILIES = ["Miasto Text", "Miasto Text Bold", "Miasto Text Italic"];

/** Waits for the map's fonts: a glyph drawn before its font came would stay wrong. */
export async function fontsReady() {
  await Promise.all(FAMILIES.map((family) => document.fonts.load(`48px "${family}"`, LETTERS).catch(() => [])));
}

function family(names) {
  const joined = Array.isArray(names) ? names.filter((name) => typeof name === "string").join(" ") : "";
  if (/bold|semibold|black/i.test(joined)) return FAMILIES[1];
  return /italic|oblique/i.test(joined) ? FAMILIES[2] : FAMILIES[0];
}

/** The layers that a reader may switch: [{key, name, on, ids, url}], from the style's metadata. */
export function switchable(style) {
  return (style.metadata?.["miasto:layers"] || []).map((layer) => ({
    ...layer,
    ids: style.layers.filter((drawn) => drawn.metadata?.["miasto:layer"] === layer.key).map((drawn) => drawn.id),
  }));
}

/** Reads the style; `wanted` (keys) says which layers are shown at first, or none: those which the style switches on. */
export async function readStyle(url, wanted) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`map style: ${answer.status}`);
  const style = await answer.json();
  delete style.glyphs;
  for (const layer of style.layers) {
    if (layer.layout?.["text-field"]) layer.layout["text-font"] = [family(layer.layout["text-font"])];
  }
  for (const source of Object.values(style.sources)) {
    if (source.tiles) source.tiles = source.tiles.map((tile) => new URL(tile, location.href).href.replaceAll("%7B", "{").replaceAll("%7D", "}"));
  }
  const layers = switchable(style);
  for (const layer of layers) {
    layer.on = wanted.length ? wanted.includes(layer.key) : Boolean(layer.on);
    for (const drawn of style.layers) {
      if (layer.ids.includes(drawn.id)) drawn.layout = { ...drawn.layout, visibility: layer.on ? "visible" : "none" };
    }
  }
  return { style, layers };
}

/** A pattern of slanting lines for areas of which nothing is known. */
export function hatch(colour, size = 12) {
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = canvas.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return pen.getImageData(0, 0, size, size);
}

/**
 * Drawing of the page's own GeoJSON: groups of near points, points, lines and areas, in the city's colour. A feature may say its
 * `colour`, `opacity`, `width` and `radius`, areas `pattern: "hatch"`; a point with a `label` is that text.
 */
export function ownLayers(source, colour, surface, ink) {
  const own = ["coalesce", ["get", "colour"], colour];
  const type = (name) => ["all", ["!", ["has", "point_count"]], ["==", ["geometry-type"], name]];
  const areas = ["match", ["geometry-type"], ["Polygon", "MultiPolygon"], true, false];
  return [
    {
      id: `${source}-area`, source, type: "fill", filter: ["all", areas, ["!", ["has", "pattern"]]],
      paint: { "fill-color": own, "fill-opacity": ["coalesce", ["get", "opacity"], 0.25] },
    },
    { id: `${source}-hatch`, source, type: "fill", filter: ["has", "pattern"], paint: { "fill-pattern": ["get", "pattern"] } },
    {
      id: `${source}-line`, source, type: "line", filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": own, "line-width": ["coalesce", ["get", "width"], 3] },
    },
    {
      id: `${source}-group`, source, type: "circle", filter: ["has", "point_count"],
      paint: {
        "circle-color": surface, "circle-stroke-color": colour, "circle-stroke-width": 4,
        "circle-radius": ["interpolate", ["linear"], ["get", "point_count"], 2, 15, 100, 26, 1000, 36],
      },
    },
    {
      id: `${source}-count`, source, type: "symbol", filter: ["has", "point_count"],
      layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": [FAMILIES[1]], "text-size": 15, "text-allow-overlap": true },
      paint: { "text-color": ink },
    },
    {
      id: `${source}-point`, source, type: "circle", filter: ["all", type("Point"), ["!", ["has", "label"]]],
      paint: { "circle-color": own, "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, ["coalesce", ["get", "radius"], 6], 16, 10], "circle-stroke-color": surface, "circle-stroke-width": 2 },
    },
    {
      id: `${source}-label`, source, type: "symbol", filter: ["has", "label"],
      layout: { "text-field": ["get", "label"], "text-font": [FAMILIES[1]], "text-size": 15 },
      paint: { "text-color": ink, "text-halo-color": surface, "text-halo-width": 2 },
    },
  ];
}
