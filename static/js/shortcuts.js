// @ts-check
/**
 * Keys. `data-key` maps a key (`z`, `Shift+z`) to a press on its element (or to the focus of a field), `g` and the
 * letter of a `data-go` link goes there (where the page has no `g` of its own), `j` `k` `Enter` `x` and the `data-row-key` of a row's
 * buttons work in `[data-list]`, `?` lists all.
 */

const GO_MS = 900;
const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true]";
const CONTROLS = `a[href], button, summary, ${FIELDS}`;
let goUntil = 0;

/**
 * The key's sign; on a non-Latin layout the letter printed on the key in a Latin one.
 * @param {KeyboardEvent} event
 */
function sign(event) {
  if (event.key.length > 1) return event.key;
  const latin = event.key.charCodeAt(0) < 128 ? event.key : (/^Key([A-Z])$/.exec(event.code)?.[1] ?? event.key);
  const letter = latin.toLowerCase();
  // Shift makes another key of a letter only; of other signs it is a part.
  return event.shiftKey && /^[a-z]$/.test(letter) ? `Shift+${letter}` : letter;
}

/** @param {KeyboardEvent} event */
function isForeign(event) {
  const composing = event.isComposing || event.keyCode === 229;
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  return event.defaultPrevented || event.repeat || composing || modified;
}

/** @param {Element} element */
function isUsable(element) {
  if (element.matches(":disabled, [aria-disabled=true]")) return false;
  const details = element.closest("details:not([open])");
  return (details ?? element).checkVisibility();
}

/** The open dialog, or the page: keys never reach what a dialog covers. */
function scope() {
  return document.querySelector("dialog:modal") ?? document;
}

/**
 * @param {string} key
 * @returns {HTMLElement | null} the element that carries it; the page's own wins over the frame's
 */
function carrier(key) {
  const all = [...scope().querySelectorAll("[data-key]")].filter(
    (element) => element.getAttribute("data-key")?.toLowerCase() === key.toLowerCase() && isUsable(element),
  );
  const own = all.find((element) => element.closest("#main"));
  return /** @type {HTMLElement | null} */ (own ?? all[0] ?? null);
}

/** @param {HTMLElement} element */
function press(element) {
  if (!element.matches(FIELDS)) {
    element.click();
    return;
  }
  element.closest("details")?.setAttribute("open", "");
  element.focus();
}

/** @returns {HTMLElement | null} the row that has the focus */
function focusedRow() {
  return document.activeElement?.closest("[data-row]") ?? null;
}

/** @param {number} step */
function moveRow(step) {
  const list = focusedRow()?.closest("[data-list]") ?? document.querySelector("[data-list]");
  const rows = /** @type {HTMLElement[]} */ ([...(list?.querySelectorAll("[data-row]") ?? [])]);
  if (!rows.length) return false;
  const from = rows.indexOf(focusedRow() ?? /** @type {HTMLElement} */ (list?.querySelector("[data-row][aria-current]")));
  const next = rows[Math.min(rows.length - 1, Math.max(0, from + step))];
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

/** @param {string} selector */
function pressInRow(selector) {
  const element = focusedRow()?.querySelector(selector);
  if (element instanceof HTMLElement) element.click();
  return element instanceof HTMLElement;
}

/**
 * @param {string} key
 * @returns {boolean} whether a list took the key
 */
function listKey(key) {
  if (scope() !== document) return false;
  if (key === "j" || key === "k") return moveRow(key === "j" ? 1 : -1);
  if (key === "x") return pressInRow("input[type=checkbox]");
  if (pressInRow(`[data-row-key="${CSS.escape(key)}"]`)) return true;
  const onRow = document.activeElement === focusedRow();
  return key === "Enter" && onRow && pressInRow("[data-open], a[href]");
}

/**
 * @param {string} key
 * @returns {boolean} whether the key was the second half of "go to"
 */
function goKey(key) {
  if (performance.now() > goUntil || scope() !== document) return false;
  goUntil = 0;
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link instanceof HTMLElement) link.click();
  return link !== null;
}

/**
 * @param {string} key
 * @returns {boolean} whether something happened
 */
function handle(key) {
  if (goKey(key)) return true;
  if (key === "g" && !carrier("g")) goUntil = performance.now() + GO_MS;
  if (key === "Enter" && document.activeElement?.matches(CONTROLS)) return false;
  const element = carrier(key);
  if (element && !(key === "Enter" && focusedRow())) {
    press(element);
    return true;
  }
  if (key === "?" && scope() === document) return openKeys();
  return listKey(key);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (isForeign(event) || document.querySelector(":popover-open")) return;
  if (target.matches(FIELDS)) {
    if (event.key === "Escape" && scope() === document) target.blur();
    return;
  }
  if (handle(sign(event))) event.preventDefault();
}

/** @returns {[string, string][]} the page's own keys with their titles, each once */
function pageKeys() {
  /** @type {Map<string, string>} */
  const keys = new Map();
  for (const element of document.querySelectorAll("#main [data-key][data-key-title], aside [data-key][data-key-title]")) {
    if (element.closest("dialog") || !isUsable(element)) continue;
    keys.set(element.getAttribute("data-key") ?? "", element.getAttribute("data-key-title") ?? "");
  }
  return [...keys];
}

/** @returns {[string, string][]} the keys of buttons in rows, each once */
function rowKeys() {
  /** @type {Map<string, string>} */
  const keys = new Map();
  for (const element of document.querySelectorAll("[data-list] [data-row-key]")) {
    keys.set(element.getAttribute("data-row-key") ?? "", element.getAttribute("data-key-title") ?? "");
  }
  return [...keys];
}

/** @returns {[string, string][]} */
function frameKeys() {
  /** @type {[string, string][]} */
  const keys = [["/", "Search"], ["Ctrl K", "All commands"], ["?", "These keys"]];
  for (const link of document.querySelectorAll("[data-go]")) {
    keys.push([`g ${link.getAttribute("data-go")}`, link.getAttribute("data-name") ?? ""]);
  }
  return keys;
}

/**
 * @param {Element} list
 * @param {string} title
 * @param {[string, string][]} keys
 */
function addGroup(list, title, keys) {
  if (!keys.length) return;
  const group = document.createElement("section");
  const head = document.createElement("h3");
  group.className = "keys-group";
  head.textContent = title;
  const terms = document.createElement("dl");
  terms.className = "keys";
  for (const [key, text] of keys) {
    const term = document.createElement("dt");
    const meaning = document.createElement("dd");
    for (const half of key.split(" ")) {
      const sign = document.createElement("kbd");
      sign.textContent = half;
      term.append(sign, " ");
    }
    meaning.textContent = text;
    terms.append(term, meaning);
  }
  group.append(head, terms);
  list.append(group);
}

/** @param {Element} list */
function fillKeys(list) {
  list.replaceChildren();
  addGroup(list, "This page", pageKeys());
  if (document.querySelector("[data-list]")) {
    addGroup(list, "Lists", [["j", "Next"], ["k", "Previous"], ["Enter", "Open"], ["x", "Select"], ...rowKeys()]);
  }
  addGroup(list, "Everywhere", frameKeys());
}

function openKeys() {
  const dialog = document.getElementById("keys-dialog");
  if (!(dialog instanceof HTMLDialogElement)) return false;
  dialog.dispatchEvent(new CustomEvent("dialog:open", { bubbles: true }));
  dialog.showModal();
  return true;
}

document.addEventListener("keydown", onKey);
document.addEventListener("dialog:open", (event) => {
  const list = /** @type {Element} */ (event.target).querySelector("[data-keys-list]");
  if (list) fillKeys(list);
});
