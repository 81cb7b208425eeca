// The corners of the chosen feature: dragged, or moved with the arrow keys; Delete takes one away; those between add one.
import { Marker } from "maplibre-gl";
import { LEAST, rounded } from "./draw_shapes.js";

const STEP_PX = 8;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class DrawHandles {
  constructor(draw) {
    this.draw = draw;
    this.markers = [];
  }

  clear() {
    for (const marker of this.markers) marker.remove();
    this.markers = [];
  }

  show({ shape, points }, focus = -1) {
    this.clear();
    if (!points) return;
    this.shape = shape;
    this.points = points.map((point) => [...point]);
    this.points.forEach((point, n) => this.corner(point, n));
    if (shape !== "point" && this.points.length < this.draw.most) this.between();
    if (focus >= 0) this.markers[Math.min(focus, this.points.length - 1)].getElement().focus();
  }

  button(className, label) {
    const button = Object.assign(document.createElement("button"), { type: "button", className });
    button.setAttribute("aria-label", label);
    return button;
  }

  corner(point, n) {
    const words = this.draw.text.textDrawCorner.replace("{n}", n + 1).replace("{all}", this.points.length);
    const element = this.button("ui-draw-corner", words);
    const marker = new Marker({ element, draggable: true }).setLngLat(point).addTo(this.draw.map);
    marker.on("drag", () => this.moved(n, marker, false));
    marker.on("dragend", () => this.moved(n, marker, true));
    element.addEventListener("keydown", (event) => this.key(event, n, marker));
    this.markers.push(marker);
  }

  between() {
    const count = this.points.length;
    for (let n = 0; n < (this.shape === "area" ? count : count - 1); n += 1) {
      const [a, b] = [this.points[n], this.points[(n + 1) % count]];
      const middle = rounded([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
      const element = this.button("ui-draw-corner ui-draw-corner--new", this.draw.text.textDrawBetween);
      element.tabIndex = -1;
      element.addEventListener("click", (event) => {
        event.stopPropagation();
        this.change(this.points.toSpliced(n + 1, 0, middle), n + 1);
      });
      this.markers.push(new Marker({ element }).setLngLat(middle).addTo(this.draw.map));
    }
  }

  moved(n, marker, ended) {
    const { lng, lat } = marker.getLngLat();
    this.points[n] = rounded([lng, lat]);
    if (ended) this.change(this.points, n);
  }

  change(points, focus) {
    const id = this.draw.selected;
    this.draw.reshape(id, points);
    const feature = this.draw.features.get(id);
    if (feature) this.show(feature, focus);
  }

  key(event, n, marker) {
    const { map } = this.draw;
    if (KEYS[event.key]) {
      const at = map.project(marker.getLngLat());
      const step = event.shiftKey ? 1 : STEP_PX;
      const { lng, lat } = map.unproject([at.x + KEYS[event.key][0] * step, at.y + KEYS[event.key][1] * step]);
      this.change(this.points.with(n, rounded([lng, lat])), n);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (this.points.length > LEAST[this.shape]) this.change(this.points.toSpliced(n, 1), n);
      else this.draw.remove(this.draw.selected, true);
    } else if (event.key === "Escape") {
      this.draw.idle();
      map.getCanvas().focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
