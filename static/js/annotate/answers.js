// @ts-check
/** The last ten answers in their dialog, and which of them is the newest. */

/** @returns {HTMLElement} */
const list = () => /** @type {HTMLElement} */ (document.querySelector("[data-answers-list]"));
const dialog = () => /** @type {HTMLDialogElement} */ (document.getElementById("answers-dialog"));

/** @returns {Promise<boolean>} whether the list could be fetched */
async function fetchAnswers() {
  try {
    const answer = await fetch(list().dataset.url ?? "", { headers: { "HX-Request": "true" }, redirect: "manual" });
    if (!answer.ok) return false;
    list().innerHTML = await answer.text();
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: list() } }));
    return true;
  } catch {
    return false;
  }
}

/** @param {number} kept answers that are not sent yet, so not in the list */
export async function openAnswers(kept) {
  if (dialog().open) return;
  dialog().showModal();
  if (!(await fetchAnswers())) list().textContent = "No connection. The list is there again when it is back.";
  else if (kept) list().prepend(kept === 1 ? "1 answer is still on its way." : `${kept} answers are still on their way.`);
}

/** @returns {Promise<{ look: number, title: string, obstacle: string }>} the newest answer, or why it stays */
export async function newestAnswer() {
  const nothing = { look: 0, title: "", obstacle: "There is no answer of yours to take back." };
  if (!(await fetchAnswers())) return { ...nothing, obstacle: "No connection: try again when it is back." };
  const button = /** @type {HTMLElement | null} */ (list().querySelector("li:first-child [data-undo]"));
  if (button) return { look: Number(button.dataset.undo), title: button.dataset.title ?? "", obstacle: "" };
  return { ...nothing, obstacle: list().querySelector("li:first-child [data-obstacle]")?.textContent ?? nothing.obstacle };
}

export function closeAnswers() {
  dialog().close();
}
