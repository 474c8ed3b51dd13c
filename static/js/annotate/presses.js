// @ts-check
/** A second press right after an answer was meant for the item that has just gone, not for the next. */

const DOUBLE_MS = 350;
let key = "";
let last = { key: "", label: "", at: -Infinity };

document.addEventListener("keydown", (event) => (key = event.key), { capture: true });
document.addEventListener("pointerdown", () => (key = "pointer"), { capture: true });

/** @param {string} label what is chosen @returns {boolean} */
export function isDoublePress(label) {
  const now = performance.now();
  const soon = now - last.at < DOUBLE_MS;
  const same = key === last.key && (key !== "pointer" || label === last.label);
  if (soon && same) return true;
  last = { key, label, at: now };
  return false;
}
