// The unsent choice of a ballot, kept on the device until it is sent or removed. A draft is not a vote.
const KEY = (election) => `miasto.ballot.${election}`;

export function load(election) {
  try {
    const found = JSON.parse(localStorage.getItem(KEY(election)) || "null");
    return Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}

/** Keeps ``[[name, value], ...]`` of what is filled in; nothing filled in is no draft. */
export function save(election, fields) {
  try {
    if (fields.length) localStorage.setItem(KEY(election), JSON.stringify(fields));
    else localStorage.removeItem(KEY(election));
    return true;
  } catch {
    return false;
  }
}

export function drop(election) {
  try {
    localStorage.removeItem(KEY(election));
  } catch {
    // a browser that keeps nothing has nothing to remove
  }
}
