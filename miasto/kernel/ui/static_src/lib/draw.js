// Drawing on the city map: points, lines and areas, by pointer, by finger and by keyboard. See docs/ui.md, "Drawing".
import { DrawHandles } from "./draw_handles.js";
import { LEAST, crosses, geometryOf, partsOf, rounded } from "./draw_shapes.js";

const DONE = "drawn", LINE = "drawing";
const NEAR_PX = 14;

function collection(features) {
  return { type: "FeatureCollection", features };
}

export class Draw {
  /** `city` is the CityMap whose element carries data-draw (a field's id, or empty) and data-shapes. */
  constructor(city) {
    this.city = city;
    this.map = city.map;
    this.root = city.root;
    this.text = city.data;
    this.shapes = this.text.shapes.split(",").map((shape) => shape.trim()).filter(Boolean);
    this.most = Number(this.text.mostVertices) || 200;
    this.input = this.text.draw ? document.getElementById(this.text.draw) : null;
    this.features = new Map(); // id -> {shape, points} of what is finished; {shape, geometry} of what only another page may change
    this.active = null; // {shape, points} being drawn
    this.selected = null;
    this.count = 0;
    this.handles = new DrawHandles(this);
    this.buttons = {};
  }

  start() {
    this.layers();
    this.controls();
    this.map.on("click", (event) => this.clicked(event));
    this.map.on("dblclick", (event) => { if (this.active) { event.preventDefault(); this.finish(); } });
    this.map.on("mousemove", (event) => this.hover(event));
    this.map.getCanvas().addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("draw-start", (event) => this.begin(event.detail.shape));
    this.root.addEventListener("draw-load", (event) => this.load(event.detail.features));
    this.root.addEventListener("draw-remove", (event) => this.remove(event.detail.id, false));
    this.root.addEventListener("draw-select", (event) => this.select(event.detail.id, true));
    if (this.input?.value) this.readInput();
    this.idle();
    this.root.cityDraw = this;
    this.root.dispatchEvent(new CustomEvent("draw-ready", { bubbles: true }));
  }

  readInput() {
    try {
      this.load([{ id: "given", geometry: JSON.parse(this.input.value) }]);
    } catch {
      this.input.value = "";
    }
  }

  layers() {
    const brand = this.city.token("--brand"), surface = this.city.token("--surface"), ink = this.city.token("--ink");
    for (const id of [DONE, LINE]) this.map.addSource(id, { type: "geojson", data: collection([]) });
    const is = (type) => ["==", ["geometry-type"], type];
    const dash = { "line-color": brand, "line-width": 3, "line-dasharray": [2, 1.5] };
    const dot = { "circle-color": surface, "circle-stroke-color": brand, "circle-stroke-width": 3, "circle-radius": 6 };
    for (const layer of [
      { id: "drawn-area", source: DONE, type: "fill", filter: is("Polygon"), paint: { "fill-color": brand, "fill-opacity": 0.22 } },
      { id: "drawn-case", source: DONE, type: "line", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": surface, "line-width": 7 } },
      { id: "drawn-line", source: DONE, type: "line", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": brand, "line-width": 4 } },
      { id: "drawn-point", source: DONE, type: "circle", filter: is("Point"), paint: { "circle-color": brand, "circle-radius": 9, "circle-stroke-color": surface, "circle-stroke-width": 3 } },
      {
        id: "drawn-number", source: DONE, type: "symbol", filter: ["has", "number"],
        layout: { "text-field": ["get", "number"], "text-font": ["Miasto Text Bold"], "text-size": 15, "text-offset": [0, -1.5], "text-allow-overlap": true },
        paint: { "text-color": ink, "text-halo-color": surface, "text-halo-width": 2 },
      },
      { id: "drawing-area", source: LINE, type: "fill", filter: is("Polygon"), paint: { "fill-color": brand, "fill-opacity": 0.12 } },
      { id: "drawing-line", source: LINE, type: "line", filter: is("LineString"), paint: dash },
      { id: "drawing-point", source: LINE, type: "circle", filter: is("Point"), paint: dot },
    ]) this.map.addLayer(layer);
  }

  controls() {
    const { text } = this;
    const names = { point: text.textDrawPoint, line: text.textDrawLine, area: text.textDrawArea };
    const button = (key, label, action) => {
      this.buttons[key] = this.city.button(label, action);
      this.buttons[key].dataset.drawButton = key;
    };
    for (const shape of this.shapes) button(shape, names[shape], () => this.begin(shape, true));
    button("here", text.textDrawHere, () => this.add(this.map.getCenter()));
    button("undo", text.textDrawUndo, () => this.undo());
    button("finish", text.textDrawFinish, () => this.finish());
    button("cancel", text.textDrawCancel, () => this.cancel());
    button("remove", text.textDrawRemove, () => this.remove(this.selected, true));
    button("done", text.textDrawDone, () => this.idle());
  }

  /** Shows the buttons of the present state; the focus of a button that goes away moves to the map. */
  show() {
    const drawing = Boolean(this.active);
    const chosen = this.selected !== null;
    const wanted = new Set(drawing ? ["here", "cancel"] : chosen ? ["remove", "done"] : this.shapes);
    if (drawing && this.active.points.length) wanted.add("undo");
    if (drawing && this.active.points.length >= LEAST[this.active.shape]) wanted.add("finish");
    const focused = Object.values(this.buttons).includes(document.activeElement);
    for (const [key, button] of Object.entries(this.buttons)) button.hidden = !wanted.has(key);
    this.root.toggleAttribute("data-drawing", drawing);
    this.map.getCanvas().style.cursor = drawing ? "crosshair" : "";
    if (drawing) this.map.doubleClickZoom.disable();
    else this.map.doubleClickZoom.enable();
    if (focused && document.activeElement.hidden) this.map.getCanvas().focus({ preventScroll: true });
  }

  say(words, values = {}) {
    this.city.say(Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), words));
  }

  idle() {
    this.active = null;
    this.selected = null;
    this.handles.clear();
    this.paint();
    this.show();
    this.say(this.features.size ? this.text.textDrawAgain : this.shapes.length === 1 && this.shapes[0] === "point" ? this.text.textDrawTap : this.text.textDrawChoose);
  }

  // Drawing

  begin(shape, focus = false) {
    if (!this.shapes.includes(shape)) return;
    this.idle();
    this.active = { shape, points: [] };
    this.show();
    this.say(shape === "point" ? this.text.textDrawTap : this.text.textDrawFirst);
    if (focus) this.map.getCanvas().focus({ preventScroll: true });
  }

  clicked(event) {
    if (this.active) {
      this.addAt(event);
      return;
    }
    const id = this.featureAt(event.point);
    if (id !== null) this.select(id);
    else if (this.selected !== null) this.idle();
    else if (this.shapes.length === 1 && this.shapes[0] === "point") {
      this.begin("point");
      this.add(event.lngLat);
    }
  }

  /** A click on the first corner of an area, or on the last of a line, finishes it. */
  addAt(event) {
    const { shape, points } = this.active;
    const target = shape === "area" ? points[0] : shape === "line" ? points.at(-1) : null;
    if (target && points.length >= LEAST[shape] && this.isNear(target, event.point)) this.finish();
    else if (!(points.length && this.isNear(points.at(-1), event.point, 3))) this.add(event.lngLat);
  }

  isNear(point, pixel, reach = NEAR_PX) {
    const at = this.map.project(point);
    return Math.hypot(at.x - pixel.x, at.y - pixel.y) <= reach;
  }

  add(where) {
    const [west, south, east, north] = this.city.bbox;
    if (where.lng < west || where.lng > east || where.lat < south || where.lat > north) return this.say(this.text.textOutside);
    const { shape, points } = this.active;
    const point = rounded([where.lng, where.lat]);
    if (points.length >= this.most) return this.say(this.text.textDrawMost, { n: this.most });
    if (points.length && String(points.at(-1)) === String(point)) return this.say(this.text.textDrawSame);
    points.push(point);
    if (shape === "point") return this.finish();
    this.paint();
    this.show();
    this.say(points.length < LEAST[shape] ? this.text.textDrawNext : this.text.textDrawEnough, { n: points.length });
  }

  undo() {
    this.active.points.pop();
    this.paint();
    this.show();
    this.say(this.active.points.length ? this.text.textDrawNext : this.text.textDrawFirst, { n: this.active.points.length });
  }

  cancel() {
    this.idle();
    this.root.dispatchEvent(new CustomEvent("draw-cancelled", { bubbles: true }));
  }

  finish() {
    const { shape, points } = this.active;
    if (points.length < LEAST[shape]) return this.say(shape === "area" ? this.text.textDrawThree : this.text.textDrawTwo);
    if (shape === "area" && crosses(points)) return this.say(this.text.textDrawCrosses);
    if (this.input) this.features.clear();
    this.count += 1;
    const id = `d${this.count}`;
    this.features.set(id, { shape, points });
    this.idle();
    this.say(this.text.textDrawnNow);
    this.tell("drawn", id);
  }

  /** Writes the field and tells the page. */
  tell(name, id) {
    const feature = this.features.get(id);
    const geometry = feature ? geometryOf(feature) : null;
    if (this.input) {
      this.input.value = geometry ? JSON.stringify(geometry) : "";
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.root.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { id, shape: feature?.shape, geometry } }));
  }

  // What is finished

  /** Puts finished features on the map: [{id, geometry}]; ones of several parts may be removed but not reshaped. */
  load(features) {
    for (const { id, geometry } of features) {
      const parts = partsOf(geometry);
      if (parts) this.features.set(id, parts);
    }
    this.idle();
    const all = { features: [...this.features.values()].map((feature) => ({ geometry: geometryOf(feature) })) };
    if (features.length) this.city.fit(all);
  }

  featureAt(point) {
    const box = [[point.x - 8, point.y - 8], [point.x + 8, point.y + 8]];
    const found = this.map.queryRenderedFeatures(box, { layers: ["drawn-point", "drawn-line", "drawn-area"] })[0];
    return found ? found.properties.id : null;
  }

  select(id, centre = false) {
    const feature = this.features.get(id);
    if (!feature) return;
    this.idle();
    this.selected = id;
    this.show();
    this.handles.show(feature);
    this.say(feature.points ? this.text.textDrawEdit : this.text.textDrawFixed);
    if (centre) this.city.fit({ features: [{ geometry: geometryOf(feature) }] });
    this.root.dispatchEvent(new CustomEvent("draw-selected", { bubbles: true, detail: { id } }));
  }

  remove(id, told) {
    if (!this.features.delete(id)) return;
    this.idle();
    this.say(this.text.textDrawRemoved);
    if (told || this.input) this.tell("draw-removed", id);
  }

  /** A corner was moved, added or removed; a crossing outline is told of and not kept. */
  reshape(id, points) {
    const feature = this.features.get(id);
    if (feature.shape === "area" && crosses(points)) {
      this.say(this.text.textDrawCrosses);
      this.handles.show(feature);
      this.paint();
      return;
    }
    feature.points = points;
    this.paint();
    this.say(this.text.textDrawMoved);
    this.tell("redrawn", id);
  }

  paint(preview = null) {
    const many = this.features.size > 1;
    this.map.getSource(DONE).setData(collection([...this.features].map(([id, feature], n) => ({
      type: "Feature", geometry: geometryOf(feature), properties: { id, ...(many ? { number: String(n + 1) } : {}) },
    }))));
    this.map.getSource(LINE).setData(collection(this.active ? this.sketch(preview) : []));
  }

  sketch(preview) {
    const points = [...this.active.points, ...(preview ? [preview] : [])];
    const made = this.active.points.map((coordinates) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates } }));
    if (points.length > 1) made.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: points } });
    if (points.length > 2 && this.active.shape === "area") {
      made.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...points, points[0]]] } });
    }
    return made;
  }

  hover(event) {
    if (this.active?.points.length) this.paint([event.lngLat.lng, event.lngLat.lat]);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const acts = {
      Enter: () => this.pressed(), " ": () => this.pressed(),
      Backspace: () => this.active?.points.length && this.undo(),
      Escape: () => (this.active ? this.cancel() : this.selected !== null && this.idle()),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  /** Enter on the map: the next point, or the feature under the cross. */
  pressed() {
    if (this.active) return this.add(this.map.getCenter());
    const id = this.featureAt(this.map.project(this.map.getCenter()));
    if (id !== null) return this.select(id);
    if (this.shapes.length !== 1) return this.say(this.text.textDrawChoose);
    this.begin(this.shapes[0]);
    this.add(this.map.getCenter());
  }
}
