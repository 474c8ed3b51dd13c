// @ts-check
/**
 * `<time datetime>`: relative on screen, exact and in the reader's zone in the title. The zone is told to
 * the server, for figures that are counted by day.
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 30 * DAY;
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/**
 * @param {Date} moment
 * @param {Date} now
 */
function relative(moment, now) {
  const seconds = (now.getTime() - moment.getTime()) / 1000;
  const length = Math.abs(seconds);
  if (length < 45) return "just now";
  if (length >= MONTH) return day.format(moment);
  const text = amount(length);
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

/** @param {number} seconds */
function amount(seconds) {
  if (seconds < HOUR) return `${Math.max(1, Math.round(seconds / MINUTE))} min`;
  if (seconds < DAY) return `${Math.round(seconds / HOUR)} h`;
  const days = Math.round(seconds / DAY);
  return days === 1 ? "1 day" : `${days} days`;
}

/** @param {ParentNode} part */
function showTimes(part) {
  const now = new Date();
  for (const element of part.querySelectorAll("time[datetime]:not([data-exact])")) {
    const moment = new Date(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(moment.getTime())) continue;
    element.textContent = relative(moment, now);
    element.setAttribute("title", exact.format(moment));
  }
}

const { timeZone } = exact.resolvedOptions();
document.cookie = `time_zone=${timeZone}; path=/; max-age=31536000; samesite=lax`;
document.addEventListener("htmx:load", (event) => {
  showTimes(/** @type {CustomEvent} */ (event).detail.elt.parentNode ?? document);
});
setInterval(() => showTimes(document), 30_000);
showTimes(document);
