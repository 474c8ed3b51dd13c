// @ts-check
/**
 * Answers on their way: each is kept in this browser until the server has said what came of it, and
 * is sent again with the same key, so that it counts once however often it is sent.
 */

import { post } from "./send.js";

/** @typedef {import("./send.js").Outcome} Outcome */
/** @typedef {{ key: string, kind: "submit" | "skip" | "undo", look: number, url: string, fields: Record<string, string>, title: string, name: string, colour: string, tab: string, tries: number, at: number }} Act */

const WAITS_MS = [1000, 2000, 4000, 8000, 15_000];

/** `randomUUID` exists only on secure origins; a team may well run this on plain http in its own network. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  /** @type {Set<string>} tabs that are closed, whose answers this one sends */
  orphans = new Set();
  sending = false;
  /** How many requests have ended: what was asked before the last of them is out of date. */
  ended = 0;
  /** @type {Outcome["state"]} */
  state = "done";
  timer = 0;
  /** @type {Map<string, string>} where storage is switched off, answers are kept while the page is open */
  memory = new Map();

  /**
   * @param {string} place whose answers in which project
   * @param {string} tab
   * @param {{ ended: (act: Act, outcome: Outcome) => void, changed: () => void }} told
   */
  constructor(place, tab, told) {
    this.prefix = `tagloop:act:${place}:`;
    this.tab = tab;
    this.told = told;
  }

  /** @returns {Act[]} what this tab has to send, the oldest first */
  acts() {
    const all = this.names().map((name) => /** @type {Act} */ (JSON.parse(this.read(name) ?? "null")));
    return all.filter((act) => act && (act.tab === this.tab || this.orphans.has(act.tab))).sort((a, b) => a.at - b.at);
  }

  /** @returns {Set<string>} the tabs that have something to send */
  tabs() {
    return new Set(this.names().map((name) => /** @type {Act} */ (JSON.parse(this.read(name) ?? "{}")).tab));
  }

  names() {
    const stored = Object.keys(this.storage() ?? {});
    return [...stored, ...this.memory.keys()].filter((name) => name.startsWith(this.prefix));
  }

  storage() {
    try {
      return localStorage;
    } catch {
      return null;
    }
  }

  /** @param {string} name */
  read(name) {
    return this.memory.get(name) ?? this.storage()?.getItem(name) ?? null;
  }

  /** @param {Act} act */
  keep(act) {
    const name = this.prefix + act.key;
    try {
      localStorage.setItem(name, JSON.stringify(act));
    } catch {
      this.memory.set(name, JSON.stringify(act));
    }
  }

  /** @param {Act} act */
  drop(act) {
    this.memory.delete(this.prefix + act.key);
    this.storage()?.removeItem(this.prefix + act.key);
  }

  /** @param {Act} act */
  add(act) {
    this.keep(act);
    void this.flush();
  }

  /** Sends what is kept, one after the other; stops where the connection or the server fails. */
  async flush() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    for (let act = this.acts()[0]; act; act = this.acts()[0]) {
      if (!(await this.send(act))) break;
    }
    this.sending = false;
    this.told.changed();
  }

  /** @param {Act} act @returns {Promise<boolean>} whether the server has said what came of it */
  async send(act) {
    act.tries += 1;
    this.keep(act);
    const outcome = await post(act.url, { ...act.fields, tab: this.tab });
    this.state = outcome.state;
    if (outcome.state !== "done" && outcome.state !== "refused") {
      const wait = WAITS_MS[Math.min(act.tries, WAITS_MS.length) - 1];
      this.timer = window.setTimeout(() => void this.flush(), wait);
      return false;
    }
    this.drop(act);
    this.ended += 1;
    this.told.ended(act, outcome);
    return true;
  }
}
