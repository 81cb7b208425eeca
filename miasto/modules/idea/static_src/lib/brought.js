// What a ballot brought, with exact fractions (BigInt): the same as miasto/kernel/participation/counting/explain.py.
const gcd = (a, b) => (b ? gcd(b, a % b) : a);

export function fraction(text) {
  const [up, down = "1"] = text.split("/");
  return [BigInt(up), BigInt(down)];
}

function reduced(up, down) {
  const common = gcd(up < 0n ? -up : up, down) || 1n;
  return [up / common, down / common];
}

export const minus = ([a, b], [c, d]) => reduced(a * d - c * b, b * d);
export const times = ([a, b], whole) => reduced(a * BigInt(whole), b);
export const least = ([a, b], [c, d]) => (a * d <= c * b ? [a, b] : [c, d]);

/** `{"<pool>-<number>": points}` of the choice that a device keeps (lib/receipts.js); ranks become points (Borda). */
export function marksOf(choice, counts) {
  const marks = new Map();
  const places = Object.assign({}, ...counts.map((one) => one.longest));
  for (const [pool, chosen] of Object.entries(choice)) {
    const list = Array.isArray(chosen) ? chosen.map((number) => [number, 1]) : Object.entries(chosen);
    list.forEach(([number, points], place) => {
      marks.set(`${pool}-${number}`, pool in places ? Math.max(places[pool] - place, 0) : Number(points));
    });
  }
  return marks;
}

/**
 * `{projects: [{key, paid}], shares: [{pool, share, left}]}` of a ballot's marks: winners first, in the order of winning.
 * `paid`, `share` and `left` are fractions `[up, down]` of zlotys, null where the rule has no shares.
 */
export function brought(data, marks) {
  const paid = new Map();
  const shares = [];
  for (const count of data.counts) {
    const own = [...marks.keys()].filter((key) => count.pools.includes(Number(key.split("-")[0])));
    if (!own.length) continue;
    if (count.share === null) continue;
    let left = fraction(count.share);
    own.forEach((key) => paid.set(key, [0n, 1n]));
    for (const [key, price] of count.purchases) {
      const points = marks.get(key) || 0;
      if (points <= 0) continue;
      paid.set(key, least(left, times(fraction(price), points)));
      left = minus(left, paid.get(key));
    }
    shares.push({ pool: count.name, share: fraction(count.share), left });
  }
  const projects = [...marks.keys()].map((key) => ({ key, ...data.projects[key], paid: paid.get(key) || null }));
  projects.sort((one, other) => Number(other.won) - Number(one.won) || (one.place || 0) - (other.place || 0));
  return { projects, shares };
}
