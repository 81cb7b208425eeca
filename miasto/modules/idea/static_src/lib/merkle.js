// RFC 6962 § 2.1 with WebCrypto: the root of a bulletin's lines, the same as verify_bulletin.py computes.
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

export const hex = (bytes) => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");

export function bytesOf(text) {
  if (typeof text !== "string" || text.length % 2 || /[^0-9a-f]/i.test(text)) throw new Error("no hexadecimal");
  return Uint8Array.from(text.match(/../g) || [], (two) => Number.parseInt(two, 16));
}

function joined(...parts) {
  const made = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

/** The root in hexadecimal of lines `<number> <digest>`. */
export async function rootOf(lines) {
  let row = await Promise.all(lines.map((line) => sha256(joined([0], bytesOf(line.replace(" ", ""))))));
  if (!row.length) return hex(await sha256(new Uint8Array()));
  while (row.length > 1) {
    const pairs = [];
    for (let at = 0; at + 1 < row.length; at += 2) pairs.push(sha256(joined([1], row[at], row[at + 1])));
    const odd = row.length % 2 ? [row.at(-1)] : [];
    row = [...(await Promise.all(pairs)), ...odd];
  }
  return hex(row[0]);
}

/** Whether the election's key signed the receipt; null where this browser knows no Ed25519. */
export async function signed(receipt, key) {
  let known;
  try {
    known = await crypto.subtle.importKey("raw", bytesOf(key), { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  const purpose = new TextEncoder().encode("miasto receipt 1");
  const election = bytesOf(receipt.election.replaceAll("-", ""));
  const text = joined(purpose, election, bytesOf(receipt.number), bytesOf(receipt.digest));
  return crypto.subtle.verify({ name: "Ed25519" }, known, bytesOf(receipt.signature), text);
}
