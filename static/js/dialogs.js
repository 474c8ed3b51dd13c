// @ts-check
/** `data-dialog="id"` opens that dialog, `data-close` or a press beside it closes it. */

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const opener = target.closest("[data-dialog]");
  if (opener) openDialog(opener.getAttribute("data-dialog") ?? "");
  else if (target.closest("[data-close]") || isBackdrop(target, event)) target.closest("dialog")?.close();
});

/** @param {string} id */
function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  dialog.dispatchEvent(new CustomEvent("dialog:open", { bubbles: true }));
  dialog.showModal();
}

/**
 * A press on the backdrop has the dialog itself as its target, but lies outside its box.
 * @param {Element} target
 * @param {MouseEvent} event
 */
function isBackdrop(target, event) {
  if (!(target instanceof HTMLDialogElement) || event.detail === 0) return false;
  const box = target.getBoundingClientRect();
  const inside =
    event.clientX >= box.left &&
    event.clientX <= box.right &&
    event.clientY >= box.top &&
    event.clientY <= box.bottom;
  return !inside;
}
