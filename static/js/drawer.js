// @ts-check
/**
 * `data-toggle="id"` shows and hides the element with that id. The page's `[data-drawer]` is
 * governed by an attribute of the root instead, set before the first paint and remembered.
 */

const NAME = "tagloop:drawer";
const root = document.documentElement;
const narrow = matchMedia("(max-width: 40rem)");

/** @param {HTMLElement} panel */
const isOpen = (panel) =>
  panel.hasAttribute("data-drawer") ? root.dataset.drawer !== "closed" : !panel.hidden;

/** @param {boolean} open */
function setDrawer(open) {
  root.dataset.drawer = open ? "open" : "closed";
  if (narrow.matches) return;
  try {
    localStorage.setItem(NAME, root.dataset.drawer);
  } catch {
    // Storage may be switched off: the drawer then opens anew on each page.
  }
}

/** @param {HTMLElement} panel */
function toggle(panel) {
  const open = !isOpen(panel);
  if (panel.hasAttribute("data-drawer")) setDrawer(open);
  else panel.hidden = !open;
  if (open) /** @type {HTMLElement | null} */ (panel.querySelector("textarea, input"))?.focus();
}

function showStates() {
  for (const button of document.querySelectorAll("[data-toggle]")) {
    const panel = document.getElementById(button.getAttribute("data-toggle") ?? "");
    if (panel) button.setAttribute("aria-expanded", String(isOpen(panel)));
  }
}

document.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-toggle]");
  const panel = button && document.getElementById(button.getAttribute("data-toggle") ?? "");
  if (!panel) return;
  toggle(panel);
  showStates();
});
document.addEventListener("htmx:load", showStates);
showStates();
