// @ts-check
/** Above ten labels: typing in `[data-label-filter]` narrows the buttons, arrows mark one, Enter takes it, Esc clears. */

/** @param {Element} input @returns {HTMLElement[]} */
function buttons(input) {
  return [...(input.closest("form")?.querySelectorAll(".label-buttons .label-button") ?? [])].map(
    (element) => /** @type {HTMLElement} */ (element),
  );
}

/** @param {HTMLElement[]} all @param {HTMLElement | undefined} chosen */
function mark(all, chosen) {
  for (const button of all) button.toggleAttribute("data-current", button === chosen);
  chosen?.scrollIntoView({ block: "nearest" });
}

/**
 * The labels that begin with what was typed come before those that only have it somewhere.
 * @param {HTMLElement[]} open
 * @param {string} typed
 */
function best(open, typed) {
  return open.find((button) => nameOf(button).startsWith(typed)) ?? open[0];
}

/** @param {HTMLElement} button */
const nameOf = (button) => (button.getAttribute("value") ?? "").toLowerCase();

/** @param {HTMLInputElement} input */
function narrow(input) {
  const all = buttons(input);
  const typed = input.value.trim().toLowerCase();
  for (const button of all) button.hidden = !nameOf(button).includes(typed);
  const open = all.filter((button) => !button.hidden);
  mark(all, typed ? best(open, typed) : undefined);
  const none = /** @type {HTMLElement | null | undefined} */ (input.closest("form")?.querySelector("[data-filter-none]"));
  if (none) none.hidden = open.length > 0;
}

/** @param {HTMLInputElement} input @param {number} step */
function move(input, step) {
  const open = buttons(input).filter((button) => !button.hidden);
  const from = open.findIndex((button) => button.hasAttribute("data-current"));
  const to = from < 0 && step < 0 ? open.length - 1 : (from + step + open.length) % open.length;
  mark(open, open[to]);
}

/** Takes the marked label, or with nothing typed what the suggestion line offers. @param {HTMLInputElement} input */
function take(input) {
  const marked = buttons(input).find((button) => button.hasAttribute("data-current"));
  const suggested = /** @type {HTMLElement | null | undefined} */ (input.closest("form")?.querySelector('[data-key="Enter"]'));
  if (marked) marked.click();
  else if (!input.value) suggested?.click();
}

/** @param {HTMLInputElement} input */
function clear(input) {
  if (!input.value) {
    input.blur();
    return;
  }
  input.value = "";
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @type {Record<string, (input: HTMLInputElement) => void>} */
const KEYS = { ArrowDown: (input) => move(input, 1), ArrowUp: (input) => move(input, -1), Enter: take, Escape: clear };

/** @param {EventTarget | null} target @returns {target is HTMLInputElement} */
function isFilter(target) {
  return target instanceof HTMLInputElement && target.matches("[data-label-filter]");
}

document.addEventListener("input", (event) => {
  if (isFilter(event.target)) narrow(event.target);
});
// Before the page's own keys, for which Escape only leaves the field.
document.addEventListener(
  "keydown",
  (event) => {
    const input = event.target;
    if (!isFilter(input) || event.isComposing || event.keyCode === 229 || !KEYS[event.key]) return;
    if (event.repeat && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    KEYS[event.key](input);
  },
  { capture: true },
);
