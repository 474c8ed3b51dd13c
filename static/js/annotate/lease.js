// @ts-check
/** Keeping the items that the page holds, and giving back the one that was fetched ahead when it closes. */

import { csrfToken, post } from "./send.js";

/** @typedef {import("./send.js").Look} Look */

const HEARTBEAT_MS = 60_000;
let last = Date.now();

/**
 * @param {string} base the address that the looks' own addresses begin with
 * @param {() => Look[]} held
 * @param {(look: Look) => void} lost
 */
export function keepLeases(base, held, lost) {
  const beat = () => {
    last = Date.now();
    for (const look of held()) void extend(base, look, lost);
  };
  setInterval(() => document.visibilityState === "visible" && beat(), HEARTBEAT_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - last > HEARTBEAT_MS) beat();
  });
}

/** @param {string} base @param {Look} look @param {(look: Look) => void} lost */
async function extend(base, look, lost) {
  // Without a connection the next beat, or the answer itself, will tell.
  const { state } = await post(`${base}${look.id}/extend/`, { token: look.token });
  if (state === "refused") lost(look);
}

/** @param {string} base @param {Look[]} looks */
export function giveBack(base, looks) {
  for (const look of looks) {
    const form = new FormData();
    form.set("token", look.token);
    form.set("csrfmiddlewaretoken", csrfToken());
    navigator.sendBeacon(`${base}${look.id}/release/`, form);
  }
}
