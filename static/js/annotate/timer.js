// @ts-check
/** The seconds that an item was looked at: time with the page hidden is not time spent on it. */

let spentMs = 0;
let since = performance.now();

const visible = () => document.visibilityState === "visible";

/** @param {number} seconds what was spent on the item before, as before a reload */
export function startTimer(seconds = 0) {
  spentMs = seconds * 1000;
  since = performance.now();
}

/** @returns {number} */
export function secondsSpent() {
  const running = visible() ? performance.now() - since : 0;
  return Math.round((spentMs + running) / 100) / 10;
}

document.addEventListener("visibilitychange", () => {
  if (visible()) since = performance.now();
  else spentMs += performance.now() - since;
});
