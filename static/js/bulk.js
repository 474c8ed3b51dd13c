// @ts-check
/** Selection in tables: `data-check-all` in the head, `data-bulk-count` in the bulk bar. */

const BOXES = "td.check input[type=checkbox]";

/** @param {Element} box @returns {HTMLInputElement[]} */
function boxesBeside(box) {
  return [...(box.closest("table")?.querySelectorAll(BOXES) ?? [])].map(
    (element) => /** @type {HTMLInputElement} */ (element),
  );
}

/** @param {Element} box */
function count(box) {
  const boxes = boxesBeside(box);
  const chosen = boxes.filter((each) => each.checked).length;
  const all = box.closest("table")?.querySelector("[data-check-all]");
  if (all instanceof HTMLInputElement) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const shown = box.closest("form")?.querySelector("[data-bulk-count]");
  if (shown) shown.textContent = chosen.toLocaleString();
}

document.addEventListener("change", (event) => {
  const box = /** @type {Element} */ (event.target);
  if (!(box instanceof HTMLInputElement)) return;
  if (box.matches("[data-check-all]")) {
    for (const each of boxesBeside(box)) each.checked = box.checked;
  }
  if (box.matches(`[data-check-all], ${BOXES}`)) count(box);
});
