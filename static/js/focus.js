// @ts-check
/** The focus survives an htmx swap: it goes to `[data-focus]` inside the new part, or to the part. */

let lost = false;

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = /** @type {CustomEvent} */ (event).detail;
  const active = document.activeElement;
  lost = Boolean(active && active !== document.body && target?.contains(active));
});

document.addEventListener("htmx:afterSettle", (event) => {
  const part = /** @type {CustomEvent} */ (event).detail.elt;
  if (!lost || !(part instanceof HTMLElement) || holdsFocus()) return;
  lost = false;
  const wanted = part.matches("[data-focus]") ? part : part.querySelector("[data-focus]");
  focusOn(/** @type {HTMLElement} */ (wanted ?? part));
});

function holdsFocus() {
  return document.activeElement !== null && document.activeElement !== document.body;
}

/** @param {HTMLElement} element */
function focusOn(element) {
  if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
