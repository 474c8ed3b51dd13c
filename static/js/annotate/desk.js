// @ts-check
/** The items that the page holds: the one on screen, and those after it. */

import { enter } from "./entry.js";
import { announce, fill, showLook, showTrouble, showWaiting } from "./view.js";
import { showFigures } from "./figures.js";

/** @typedef {import("./send.js").Look} Look */
/** @typedef {import("./send.js").Reply} Reply */

export class Desk {
  /** @type {Look | null} the item on screen */
  current = null;
  /** @type {Look[]} those after it */
  ahead = [];
  /** @type {Set<number>} items that this page has dealt with: an older reply may still name them */
  dealtWith = new Set();

  /** @param {() => { kept: number, offline: boolean }} standing what is on its way */
  constructor(standing) {
    this.standing = standing;
  }

  /** @returns {Look[]} */
  held() {
    return [...(this.current ? [this.current] : []), ...this.ahead];
  }

  /** @param {Reply} reply what the server says that this tab holds */
  take(reply) {
    showFigures(reply.pace);
    const held = reply.looks.filter((look) => !this.dealtWith.has(look.id));
    const first = held.find((look) => look.id === (reply.first || this.current?.id));
    if (this.current && !first) this.lose(this.current);
    this.ahead = held.filter((look) => look !== first);
    if (first && first.id === this.current?.id) this.current.token = first.token;
    else if (first) this.show(first);
    else if (!this.current) this.advance(reply.none);
  }

  /** @param {Element | null} none what the server says where it has nothing */
  advance(none = null) {
    this.current = null;
    const next = this.ahead.shift();
    const { kept, offline } = this.standing();
    if (next) this.show(next);
    else if (none && !kept) {
      fill(none);
      announce(none.querySelector("h2")?.textContent ?? "");
    } else showWaiting(offline);
  }

  /** @param {Look} look */
  show(look) {
    this.current = look;
    showLook(look);
    enter(look.id);
  }

  /** Shows an item again that was on screen before the present one. @param {Look} look */
  putBack(look) {
    this.dealtWith.delete(look.id);
    if (this.current) this.ahead.unshift(this.current);
    this.show(look);
  }

  /** @param {Look} look */
  lose(look) {
    this.ahead = this.ahead.filter((one) => one !== look);
    if (this.current !== look) return;
    showTrouble(`“${look.title}” went back to the queue, because it was open for long.`);
    this.current = null;
  }
}
