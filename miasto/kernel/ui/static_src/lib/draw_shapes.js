// Shapes being drawn: {shape: "point" | "line" | "area", points: [[lon, lat], …]} and their GeoJSON.

export const LEAST = { point: 1, line: 2, area: 3 };
const SHAPE = { Point: "point", MultiPoint: "point", LineString: "line", MultiLineString: "line", Polygon: "area", MultiPolygon: "area" };

/** Six decimals are 11 cm: more would tell of the device, not of the place. */
export function rounded([lon, lat]) {
  return [Number(lon.toFixed(6)), Number(lat.toFixed(6))];
}

export function geometryOf({ shape, points, geometry }) {
  if (geometry) return geometry;
  if (shape === "point") return { type: "Point", coordinates: points[0] };
  if (shape === "line") return { type: "LineString", coordinates: points };
  return { type: "Polygon", coordinates: [[...points, points[0]]] };
}

/** What a GeoJSON geometry is here; one with several parts or holes keeps its geometry and has no corners to move. */
export function partsOf(geometry) {
  const shape = SHAPE[geometry?.type];
  if (!shape) return null;
  if (geometry.type === "Point") return { shape, points: [geometry.coordinates] };
  if (geometry.type === "LineString") return { shape, points: geometry.coordinates };
  if (geometry.type === "Polygon" && geometry.coordinates.length === 1) return { shape, points: geometry.coordinates[0].slice(0, -1) };
  return { shape, geometry };
}

function side(a, b, c) {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
}

/** Whether the outline through the points (closed) crosses itself. */
export function crosses(points) {
  const count = points.length;
  const edge = (n) => [points[n], points[(n + 1) % count]];
  for (let i = 0; i < count; i += 1) {
    for (let j = i + 2; j < count; j += 1) {
      if (i === 0 && j === count - 1) continue;
      const [a, b] = edge(i), [c, d] = edge(j);
      if (side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)) return true;
    }
  }
  return false;
}
