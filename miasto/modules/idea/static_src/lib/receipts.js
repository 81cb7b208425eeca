// Receipts of votes, kept on the voter's own device and nowhere else (docs/voting.md, "The receipt on the device").
//
// localStorage["miasto.receipts"] is an object: election id -> entry. An entry:
//   {v: 1, election, title, url, receipt: {election, number, digest, signature}, choice}
// choice is null until the voter asks to keep it; then {"<pool number>": [option numbers]}, for points
// {"<pool number>": {"<option number>": points}}; the order of an ordinal pool's list is the voter's order.
const KEY = "miasto.receipts";
const VERSION = 1;

function everything() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) || "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch {
    return {};
  }
}

function write(entries) {
  try {
    if (Object.keys(entries).length) localStorage.setItem(KEY, JSON.stringify(entries));
    else localStorage.removeItem(KEY);
    return true;
  } catch {
    return false; // no place, or a browser that keeps nothing
  }
}

/** Keeps an entry; one of the same election is replaced. False where the device keeps nothing. */
export function store(entry) {
  return write({ ...everything(), [entry.election]: { v: VERSION, choice: null, ...entry } });
}

/** The entry of an election, or null. */
export function read(election) {
  const entry = everything()[election];
  return entry?.v === VERSION && entry.receipt ? entry : null;
}

/** All entries, in the order in which they were stored. */
export function all() {
  return Object.keys(everything()).map(read).filter(Boolean);
}

/** Forgets the receipt and the choice of an election. */
export function forget(election) {
  const entries = everything();
  delete entries[election];
  write(entries);
}
