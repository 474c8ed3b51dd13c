// @ts-check
/** Keywords marked in the text, or not: `[data-marks]` switches, and the choice is remembered. */

const NAME = "tagloop:marks";
const root = document.documentElement;

/** @param {boolean} shown */
function set(shown) {
  root.dataset.marks = shown ? "on" : "off";
  for (const button of document.querySelectorAll("[data-marks]:is(button)")) {
    button.setAttribute("aria-pressed", String(shown));
  }
}

function stored() {
  try {
    return localStorage.getItem(NAME) !== "off";
  } catch {
    return true;
  }
}

export function startMarks() {
  set(stored());
  document.addEventListener("click", (event) => {
    if (!(/** @type {Element} */ (event.target).closest("button[data-marks]"))) return;
    const shown = root.dataset.marks === "off";
    set(shown);
    try {
      localStorage.setItem(NAME, shown ? "on" : "off");
    } catch {
      // Storage may be switched off: the choice then holds for this page.
    }
  });
}
