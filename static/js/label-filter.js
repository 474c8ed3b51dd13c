// @ts-check
/** Above ten labels: typing in `[data-label-filter]` narrows the buttons, Enter takes the marked one. */

/** @param {Element} input @returns {HTMLElement[]} */
function buttons(input) {
  return [...(input.closest("form")?.querySelectorAll(".label-button") ?? [])].map(
    (element) => /** @type {HTMLElement} */ (element),
  );
}

/** @param {HTMLElement[]} all @param {HTMLElement | undefined} chosen */
function mark(all, chosen) {
  for (const button of all) button.toggleAttribute("data-current", button === chosen);
}

/** @param {HTMLInputElement} input */
function narrow(input) {
  const all = buttons(input);
  const typed = input.value.trim().toLowerCase();
  for (const button of all) button.hidden = !button.textContent?.toLowerCase().includes(typed);
  mark(all, typed ? all.find((button) => !button.hidden) : undefined);
}

/** @param {HTMLInputElement} input @param {number} step */
function move(input, step) {
  const open = buttons(input).filter((button) => !button.hidden);
  const from = open.findIndex((button) => button.hasAttribute("data-current"));
  mark(open, open[(from + step + open.length) % open.length]);
}

/** @param {EventTarget | null} target @returns {target is HTMLInputElement} */
function isFilter(target) {
  return target instanceof HTMLInputElement && target.matches("[data-label-filter]");
}

document.addEventListener("input", (event) => {
  if (isFilter(event.target)) narrow(event.target);
});
document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!isFilter(input) || event.isComposing || event.repeat) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") move(input, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter") buttons(input).find((button) => button.hasAttribute("data-current"))?.click();
  else return;
  event.preventDefault();
});
