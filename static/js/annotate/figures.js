// @ts-check
/** Today's count, the pace and what is left: from the server now and then, kept up by the page between. */

const COUNTED = 10_000;
const HOUR = 3600;

/** @returns {HTMLElement | null} */
const part = () => document.querySelector("[data-pace]");

/** @param {Element | null} pace as the server counts */
export function showFigures(pace) {
  if (pace) document.querySelector("[data-figures]")?.replaceChildren(pace);
}

/** @param {number} seconds @param {1 | -1} step an answer given, or one taken back */
export function countAnswer(seconds, step) {
  const pace = part();
  if (!pace) return;
  const change = { done: step, timed: step, given: step, left: -step, spent: step * seconds };
  for (const [name, by] of Object.entries(change)) {
    pace.dataset[name] = String(Math.max(0, Number(pace.dataset[name]) + by));
  }
  write(pace);
}

/** @param {HTMLElement} pace */
function write(pace) {
  const [done, timed, spent, given, left] = ["done", "timed", "spent", "given", "left"].map((name) => Number(pace.dataset[name]));
  const mean = timed ? spent / timed : 0;
  figure(pace, "done", done.toLocaleString("en"));
  figure(pace, "seconds", mean ? `${mean.toFixed(1)} s each` : "");
  figure(pace, "hour", mean ? `${Math.round(HOUR / mean).toLocaleString("en")} an hour` : "");
  if (left > COUNTED) return;
  figure(pace, "left", left.toLocaleString("en"));
  const meter = pace.querySelector("meter");
  const percent = given + left ? Math.round((100 * given) / (given + left)) : 0;
  if (!meter) return;
  meter.value = percent;
  if (meter.nextElementSibling) meter.nextElementSibling.textContent = `${percent} %`;
}

/** @param {HTMLElement} pace @param {string} name @param {string} text */
function figure(pace, name, text) {
  let element = pace.querySelector(`[data-figure="${name}"]`);
  if (!element && text) {
    element = document.createElement("span");
    element.setAttribute("data-figure", name);
    pace.querySelector(".look-pace")?.append(" ", element);
  }
  if (element) element.textContent = text;
}
