// Drawing of counts in cells (GeoJSON features with `count`): a heat map from afar, coloured cells with their numbers from near.

const RAMP = [[0, "rgba(43,131,186,0)"], [0.2, "rgba(88,166,190,.55)"], [0.45, "rgba(246,207,101,.75)"], [0.7, "rgba(240,130,58,.85)"], [1, "rgba(190,35,45,.92)"]];

function middle(geometry) {
  const ring = geometry.type === "Polygon" ? geometry.coordinates[0].slice(0, -1) : [geometry.coordinates];
  return [0, 1].map((axis) => ring.reduce((sum, point) => sum + point[axis], 0) / ring.length);
}

/** The middle of each cell with its count. */
export function middlesOf(collection) {
  return {
    type: "FeatureCollection",
    features: collection.features.map(({ geometry, properties }) => ({
      type: "Feature", geometry: { type: "Point", coordinates: middle(geometry) }, properties: { count: properties.count },
    })),
  };
}

export function heatLayers(cells, middles, most, ink, surface) {
  const part = ["/", ["get", "count"], most];
  return [
    {
      id: "heat", source: middles, type: "heatmap", maxzoom: 15,
      paint: {
        "heatmap-weight": ["max", 0.25, ["sqrt", part]],
        "heatmap-radius": ["interpolate", ["exponential", 2], ["zoom"], 10, 16, 12, 42, 15, 190],
        "heatmap-intensity": 1.5,
        "heatmap-color": ["interpolate", ["linear"], ["heatmap-density"], ...RAMP.flat()],
        "heatmap-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0.85, 15, 0],
      },
    },
    {
      id: "heat-cells", source: cells, type: "fill", minzoom: 13,
      paint: {
        "fill-color": ["interpolate", ["linear"], part, 0, "#58a6be", 0.5, "#f0823a", 1, "#be232d"],
        "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0, 14.5, 0.5],
        "fill-outline-color": surface,
      },
    },
    {
      id: "heat-counts", source: middles, type: "symbol", minzoom: 13.5,
      layout: { "text-field": ["to-string", ["get", "count"]], "text-font": ["Miasto Text Bold"], "text-size": 16, "text-allow-overlap": true },
      paint: { "text-color": ink, "text-halo-color": surface, "text-halo-width": 2 },
    },
  ];
}
