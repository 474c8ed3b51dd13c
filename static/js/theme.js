// @ts-check
/** Theme buttons: `data-theme-choice="light|dark|system"`; kept in this browser. */

const NAME = "tagloop:theme";
const root = document.documentElement;

function showChoice() {
  const chosen = root.dataset.theme ?? "system";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-theme-choice") === chosen));
  }
}

/** @param {string} choice */
function choose(choice) {
  if (choice === "system") delete root.dataset.theme;
  else root.dataset.theme = choice;
  try {
    localStorage.setItem(NAME, choice);
  } catch {
    // Storage may be switched off: the choice then holds for this page.
  }
  showChoice();
}

document.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-theme-choice]");
  if (button) choose(button.getAttribute("data-theme-choice") ?? "system");
});
showChoice();
