// @ts-check
/**
 * `data-confirm="what will be lost"` on a form or on its submit button asks before it is sent, with
 * or without htmx. `data-confirm-typed="name"` asks to type that name, `data-confirm-action` names
 * the button.
 */

const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("confirm-dialog"));
const HTMX = "[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]";
/** @type {WeakSet<HTMLFormElement>} */
const agreed = new WeakSet();

/**
 * @param {HTMLFormElement | HTMLElement | null} form
 * @param {HTMLElement | null | undefined} submitter
 * @returns {HTMLElement | null} the element that asks
 */
function asking(form, submitter) {
  if (submitter?.dataset.confirm) return submitter;
  return form?.dataset.confirm ? form : null;
}

/**
 * @param {HTMLElement} source
 * @returns {Promise<boolean>} whether the person agreed
 */
function ask(source) {
  if (!dialog) return Promise.resolve(false);
  fill(dialog, source);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/**
 * @param {HTMLDialogElement} box
 * @param {HTMLElement} source
 */
function fill(box, source) {
  const { confirm = "", confirmTyped = "", confirmAction = "Go on" } = source.dataset;
  const typed = /** @type {HTMLInputElement} */ (box.querySelector("[data-confirm-input]"));
  const yes = /** @type {HTMLButtonElement} */ (box.querySelector("[value='yes']"));
  part(box, "text").textContent = confirm;
  part(box, "name").textContent = confirmTyped;
  part(box, "typed").hidden = !confirmTyped;
  yes.textContent = confirmAction;
  yes.disabled = Boolean(confirmTyped);
  typed.value = "";
  typed.oninput = () => {
    yes.disabled = typed.value.trim() !== confirmTyped;
  };
}

/**
 * @param {HTMLDialogElement} box
 * @param {string} name
 */
function part(box, name) {
  return /** @type {HTMLElement} */ (box.querySelector(`[data-confirm-part="${name}"]`));
}

document.addEventListener(
  "submit",
  (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const submitter = /** @type {HTMLElement | null} */ (event.submitter);
    const source = asking(form, submitter);
    if (!source || form.matches(HTMX) || agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void ask(source).then((yes) => {
      if (!yes) return;
      agreed.add(form);
      form.requestSubmit(submitter);
    });
  },
  { capture: true },
);

document.addEventListener("htmx:confirm", (event) => {
  const { elt, triggeringEvent, issueRequest } = /** @type {CustomEvent} */ (event).detail;
  const source = asking(elt, triggeringEvent?.submitter);
  if (!source) return;
  event.preventDefault();
  void ask(source).then((yes) => yes && issueRequest(true));
});
