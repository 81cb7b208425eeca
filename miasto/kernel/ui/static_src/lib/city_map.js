// The map component: <div data-map …> of the template tag `city_map` becomes a MapLibre map.
import { AttributionControl, Map as LibreMap, Marker, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { follow } from "./live.js";
import { Panel } from "./map_panel.js";
import { heatLayers, middlesOf } from "./map_heat.js";
import { fontsReady, hatch, ownLayers, readStyle } from "./map_style.js";

const OWN = "page-geojson";
const HEAT = "page-heat";
const PIN = '<svg viewBox="0 0 40 40" aria-hidden="true" focusable="false"><path d="M20 2C12 2 6 8 6 16c0 10 14 22 14 22s14-12 14-22c0-8-6-14-14-14z" fill="currentColor" stroke="#fff" stroke-width="2"/><circle cx="20" cy="16" r="5.500" fill="#fff"/></svg>';
const CROSS = '<svg viewBox="0 0 36 36" aria-hidden="true" focusable="false"><path d="M18 2v11M18 23v11M2 18h11M23 18h11" stroke="#fff" stroke-width="6"/><path d="M18 2v11M18 23v11M2 18h11M23 18h11" stroke="#1d1b1a" stroke-width="2.500"/></svg>';

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function drawing(className, markup) {
  const holder = element("div", className);
  holder.innerHTML = markup;
  return holder;
}

function loadStyleSheet(href) {
  if (!href || document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  return new Promise((done) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: done });
    document.head.prepend(link);
  });
}

export class CityMap {
  constructor(root) {
    this.root = root;
    this.data = root.dataset;
    this.bbox = this.data.bbox.split(",").map(Number);
    this.inputs = (this.data.pick || "").split(",").filter(Boolean).map((id) => document.getElementById(id.trim()));
    this.wanted = (this.data.layers || "").split(",").map((key) => key.trim()).filter(Boolean);
    this.sheet = getComputedStyle(document.documentElement);
  }

  token(name) {
    return this.sheet.getPropertyValue(name).trim();
  }

  async start() {
    setWorkerUrl(new URL(this.data.worker, location.href).href);
    const [{ style, layers }] = await Promise.all([
      readStyle(this.styleUrl(), this.wanted), fontsReady(), loadStyleSheet(this.data.stylesheet),
    ]);
    this.layers = layers;
    this.build();
    this.map = this.draw(style);
    this.controls();
    this.map.once("load", () => this.loaded());
    if (this.inputs.length) this.startPicking();
    else if (!this.data.shapes) this.startBrowsing();
  }

  /** Dark pages get the dark map. */
  styleUrl() {
    const { theme } = document.documentElement.dataset;
    const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    return dark ? `${this.data.styleUrl}?motyw=ciemny` : this.data.styleUrl;
  }

  build() {
    this.canvas = element("div", "ui-map__canvas");
    this.tools = element("div", "ui-map__tools");
    this.hint = element("p", "ui-map__hint", this.inputs.length ? this.data.textPickHint : this.keyHint());
    this.hint.setAttribute("role", "status");
    this.hint.toggleAttribute("data-keys", !this.inputs.length && !this.data.shapes);
    this.tools.append(this.hint);
    const fallback = this.root.querySelector("[data-fallback]");
    const twin = fallback.querySelector("a");
    if (twin) this.tools.append(twin.cloneNode(true));
    this.root.append(this.canvas, this.tools);
    this.fallback = fallback;
  }

  /** What the line under the map says; advice on keys alone is shown to those who use them. */
  say(text) {
    this.hint.textContent = text;
    this.hint.toggleAttribute("data-keys", text === this.keyHint() && !this.inputs.length);
  }

  /** Keys are of no use to say where there is no keyboard. */
  keyHint() {
    return matchMedia("(any-pointer: fine)").matches ? this.data.textBrowseHint : "";
  }

  draw(style) {
    const { dataset: data } = this.root;
    const [west, south, east, north] = this.bbox;
    const margin = 0.35;
    const map = new LibreMap({
      container: this.canvas,
      style,
      center: [Number(data.lon), Number(data.lat)],
      zoom: Number(data.zoom),
      minZoom: 8,
      maxZoom: 19,
      maxBounds: [west - margin, south - margin, east + margin, north + margin],
      attributionControl: false,
      pitchWithRotate: false,
      dragRotate: false,
      touchPitch: false,
      cooperativeGestures: false,
      locale: {
        "Map.Title": data.label,
        "Marker.Title": data.textPlaced,
        "NavigationControl.ZoomIn": data.textZoomIn,
        "NavigationControl.ZoomOut": data.textZoomOut,
        "NavigationControl.ResetBearing": data.textCompass,
        "AttributionControl.ToggleAttribution": data.textAttribution,
      },
    });
    this.canvas.append(drawing("ui-map__cross", CROSS)); // in the canvas: its middle is the map's
    map.touchZoomRotate.disableRotation();
    this.fallback.remove();
    this.root.cityMap = map;
    return map;
  }

  controls() {
    const map = this.map;
    map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
    map.addControl(new AttributionControl({ compact: false, customAttribution: this.data.attribution || undefined }), "bottom-right");
    if ("chooser" in this.data) this.addChooser();
    this.root.addEventListener("show-layer", (event) => this.show(event.detail.key, event.detail.on));
    const small = this.root.classList.contains("ui-map--small"); // shows one place or an overview: nobody looks for himself there
    if ("geolocation" in navigator && !small) this.button(this.data.textLocate, () => this.locate());
    if (this.inputs.length) this.button(this.data.textPlaceHere, () => this.place(map.getCenter(), "map"));
  }

  button(text, action) {
    const button = element("button", "govuk-button govuk-button--secondary govuk-button--small", text);
    button.type = "button";
    button.addEventListener("click", action);
    this.tools.append(button);
    return button;
  }

  async loaded() {
    if (this.data.geojsonUrl) await this.drawOwn();
    if (this.data.shapes) await this.startDrawing();
    if (this.data.liveUrl) this.followLive();
    this.map.once("idle", () => {
      this.root.dataset.ready = "1";
      this.root.dispatchEvent(new CustomEvent("map-ready", { bubbles: true }));
    });
    this.map.triggerRepaint();
  }

  // The page's own features

  async ownData() {
    const answer = await fetch(this.data.geojsonUrl, { headers: { Accept: "application/geo+json, application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  async drawOwn() {
    try {
      const features = await this.ownData();
      // clusters are made of points only: other geometries would vanish from a clustered source
      const cluster = (features.features || []).every((one) => one.geometry?.type === "Point");
      this.map.addSource(OWN, { type: "geojson", data: features, cluster, clusterRadius: 36, clusterMaxZoom: 15 });
      this.map.addImage("hatch", hatch(this.token("--ink-soft")));
      if ("heat" in this.data) this.drawHeat(features);
      else for (const layer of ownLayers(OWN, this.token("--brand"), this.token("--surface"), this.token("--ink"))) this.map.addLayer(layer);
      this.fit(features);
    } catch {
      this.say(this.data.textError);
    }
  }

  /** Counts in cells: the warmth of their middles from afar, the cells themselves from near. */
  drawHeat(features) {
    this.map.addSource(HEAT, { type: "geojson", data: middlesOf(features) });
    const most = Math.max(1, ...features.features.map((one) => one.properties.count));
    for (const layer of heatLayers(OWN, HEAT, most, this.token("--ink"), this.token("--surface"))) this.map.addLayer(layer);
  }

  // Drawing by the reader

  async startDrawing() {
    const { Draw } = await import("./draw.js");
    new Draw(this).start();
  }

  fit(features) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const visit = (part) => {
      if (typeof part[0] === "number") {
        box[0] = Math.min(box[0], part[0]);
        box[1] = Math.min(box[1], part[1]);
        box[2] = Math.max(box[2], part[0]);
        box[3] = Math.max(box[3], part[1]);
      } else part.forEach(visit);
    };
    for (const feature of features.features || []) if (feature.geometry?.coordinates) visit(feature.geometry.coordinates);
    if (box[0] <= box[2]) this.map.fitBounds(box, { padding: 48, maxZoom: 16, animate: false });
  }

  followLive() {
    let timer = 0;
    follow(this.data.liveUrl, () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.refresh(), 500);
    });
  }

  /** Reads the page's features and the shown vector layers anew, without moving the map. */
  async refresh() {
    const own = this.map.getSource(OWN);
    if (own) own.setData(await this.ownData());
    for (const [id, source] of Object.entries(this.map.getStyle().sources)) {
      const shown = this.layers.some((layer) => layer.on && layer.key === id);
      if (source.type === "vector" && shown) this.map.refreshTiles(id);
    }
  }

  // Reading: a feature's page opens in the panel

  startBrowsing() {
    this.panel = new Panel(this.root);
    const canvas = this.map.getCanvas();
    this.map.on("click", (event) => this.openAt(event.point));
    this.map.on("mousemove", (event) => {
      canvas.style.cursor = this.featureAt(event.point) ? "pointer" : "";
    });
    canvas.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.openAt(this.map.project(this.map.getCenter()), 16);
    });
  }

  featureAt(point, reach = 6) {
    if (!this.map.loaded() && !this.map.isStyleLoaded()) return null;
    const box = [[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]];
    return this.map.queryRenderedFeatures(box).find((feature) => feature.properties.cluster || this.address(feature)) || null;
  }

  address(feature) {
    if (feature.properties.url) return feature.properties.url;
    const layer = this.layers.find((known) => known.ids.includes(feature.layer.id));
    const id = feature.properties.id ?? feature.id;
    return layer?.url && id ? layer.url.replace("{id}", encodeURIComponent(id)) : "";
  }

  async openAt(point, reach) {
    const feature = this.featureAt(point, reach);
    if (!feature) return;
    if (feature.properties.cluster) {
      const zoom = await this.map.getSource(OWN).getClusterExpansionZoom(feature.properties.cluster_id);
      this.map.easeTo({ center: feature.geometry.coordinates, zoom: zoom + 0.3 });
      return;
    }
    this.panel.open(this.address(feature), this.map.getCanvas());
  }

  // Picking: a click or the middle of the map becomes the place

  startPicking() {
    this.map.on("click", (event) => this.place(event.lngLat, "map"));
    this.map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.place(this.map.getCenter(), "map");
    });
    this.root.addEventListener("set-place", (event) => {
      this.place(event.detail, "page");
      this.map.easeTo({ center: [event.detail.lon, event.detail.lat], zoom: Math.max(this.map.getZoom(), 16) });
    });
    if ("placed" in this.data) this.showMarker(Number(this.data.lon), Number(this.data.lat));
  }

  place(where, source) {
    const lon = where.lng ?? where.lon;
    const lat = where.lat;
    const [west, south, east, north] = this.bbox;
    if (lon < west || lon > east || lat < south || lat > north) {
      this.say(this.data.textOutside);
      return;
    }
    this.showMarker(lon, lat);
    const [latInput, lonInput] = this.inputs;
    for (const [input, value] of [[latInput, lat], [lonInput, lon]]) {
      if (!input) continue;
      input.value = value.toFixed(6);
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.say(this.data.textPlaced);
    if (source !== "page") this.root.dispatchEvent(new CustomEvent("place-picked", { bubbles: true, detail: { lon, lat, source } }));
  }

  showMarker(lon, lat) {
    if (!this.marker) {
      this.marker = new Marker({ element: drawing("ui-pin", PIN), anchor: "bottom", draggable: true }).setLngLat([lon, lat]).addTo(this.map);
      this.marker.on("dragend", () => this.place(this.marker.getLngLat(), "map"));
    }
    this.marker.setLngLat([lon, lat]);
  }

  locate() {
    this.say(this.data.textLocating);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const where = { lon: coords.longitude, lat: coords.latitude };
        this.map.easeTo({ center: [where.lon, where.lat], zoom: 16 });
        if (this.inputs.length) this.place(where, "device");
        else this.say(this.keyHint());
      },
      () => { this.say(this.data.textNoPosition); },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  }

  // Layers

  addChooser() {
    if (!this.layers.length) return;
    const box = element("details", "ui-map__layers");
    const list = element("ul", "");
    box.append(element("summary", "", this.data.textLayers), list);
    for (const layer of this.layers) {
      const row = element("li", "");
      const label = element("label", "");
      const input = Object.assign(document.createElement("input"), { type: "checkbox", checked: layer.on });
      input.addEventListener("change", () => this.show(layer.key, input.checked));
      label.append(input, layer.name);
      row.append(label);
      list.append(row);
    }
    this.root.append(box);
  }

  show(key, on) {
    const layer = this.layers.find((known) => known.key === key);
    if (!layer) return;
    layer.on = on;
    for (const id of layer.ids) this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    this.root.dispatchEvent(new CustomEvent("layers-changed", { bubbles: true, detail: { on: this.layers.filter((known) => known.on).map((known) => known.key) } }));
  }
}
