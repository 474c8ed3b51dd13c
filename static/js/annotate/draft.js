// @ts-check
/** What was begun on an item and not sent: note, flag, what was typed to filter, seconds spent. Survives a reload. */

const PREFIX = "tagloop:draft:";
const KEPT_MS = 2 * 24 * 3600 * 1000;

/** @typedef {{ note: string, flagged: boolean, typed: string, seconds: number, at?: number }} Draft */
/** @type {Draft} */
const EMPTY = { note: "", flagged: false, typed: "", seconds: 0 };

/** @param {number} look @returns {Draft} */
export function loadDraft(look) {
  try {
    return { ...EMPTY, ...JSON.parse(localStorage.getItem(PREFIX + look) ?? "{}") };
  } catch {
    return EMPTY;
  }
}

/** @param {number} look @param {Draft} draft */
export function saveDraft(look, draft) {
  try {
    localStorage.setItem(PREFIX + look, JSON.stringify({ ...draft, at: Date.now() }));
  } catch {
    // Storage may be switched off: the draft then lives as long as the page.
  }
}

/** @param {number} look */
export function dropDraft(look) {
  try {
    localStorage.removeItem(PREFIX + look);
  } catch {
    // Nothing was stored either.
  }
}

export function dropOldDrafts() {
  for (const name of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
    const look = Number(name.slice(PREFIX.length));
    if (Date.now() - (loadDraft(look).at ?? 0) > KEPT_MS) dropDraft(look);
  }
}
