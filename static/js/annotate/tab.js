// @ts-check
/**
 * The name of this tab: no two open tabs have the same, a reloaded tab keeps its own, and a new one
 * takes over the name of one that was closed, and with it the items that it held.
 */

import { uuid } from "./outbox.js";

const MINE = "tagloop:tab";
const KNOWN = "tagloop:tabs";
const MOST_KNOWN = 12;
// A tab that reloads lets go of its name a moment after its page is gone.
const PATIENCE_MS = 400;
const ASK_MS = 200;

/** @returns {Promise<string>} */
export async function takeTab() {
  const mine = read(sessionStorage, MINE);
  const name = mine && (await take(mine, PATIENCE_MS)) ? mine : await another();
  write(sessionStorage, MINE, name);
  write(localStorage, KNOWN, JSON.stringify([name, ...known().filter((one) => one !== name)].slice(0, MOST_KNOWN)));
  return name;
}

/** @param {Iterable<string>} names @returns {Promise<string[]>} those that no open tab has */
export async function closedTabs(names) {
  if (!navigator.locks) return [...names];
  const { held = [] } = await navigator.locks.query();
  const open = new Set(held.map((lock) => lock.name));
  return [...names].filter((name) => !open.has(lockName(name)));
}

async function another() {
  for (const name of navigator.locks ? known() : []) {
    if (await take(name, 0)) return name;
  }
  const name = uuid();
  await take(name, 0);
  return name;
}

/** @param {string} name */
const lockName = (name) => `tagloop:tab:${name}`;

/** @returns {string[]} */
function known() {
  return JSON.parse(read(localStorage, KNOWN) || "[]");
}

/** @param {string} name @param {number} patience @returns {Promise<boolean>} whether the name is this tab's now */
function take(name, patience) {
  return navigator.locks ? lock(name, patience) : ask(name);
}

/** @param {string} name @param {number} patience @returns {Promise<boolean>} */
function lock(name, patience) {
  const options = patience ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
  return new Promise((resolve) => {
    const hold = (/** @type {Lock | null} */ got) => {
      resolve(got !== null);
      // Held until the page is gone.
      return got && new Promise(() => {});
    };
    navigator.locks.request(lockName(name), options, hold).catch(() => resolve(false));
  });
}

/**
 * Locks exist only on secure origins: elsewhere the open tabs are asked.
 * @param {string} name
 * @returns {Promise<boolean>}
 */
function ask(name) {
  const channel = new BroadcastChannel(MINE);
  return new Promise((resolve) => {
    const free = setTimeout(() => {
      channel.onmessage = ({ data }) => data.ask === name && channel.postMessage({ taken: name });
      resolve(true);
    }, ASK_MS);
    channel.onmessage = ({ data }) => {
      if (data.taken !== name) return;
      clearTimeout(free);
      channel.close();
      resolve(false);
    };
    channel.postMessage({ ask: name });
  });
}

/** @param {Storage} storage @param {string} name */
function read(storage, name) {
  try {
    return storage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** @param {Storage} storage @param {string} name @param {string} value */
function write(storage, name, value) {
  try {
    storage.setItem(name, value);
  } catch {
    // Storage may be switched off: the tab then has a new name after a reload.
  }
}
