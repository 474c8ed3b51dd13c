// @ts-check
/** What a person enters beside the label: note, flag and filter, kept as the item's draft. */

import { loadDraft, saveDraft } from "./draft.js";
import { secondsSpent, startTimer } from "./timer.js";
import { keepFocus, labelForm, part } from "./view.js";

const note = () => /** @type {HTMLTextAreaElement} */ (labelForm().elements.namedItem("note"));
const flag = () => part("flag");
const filter = () => /** @type {HTMLInputElement | null} */ (labelForm().querySelector("[data-label-filter]"));
const notePanel = () => /** @type {HTMLElement} */ (document.getElementById("note"));

/** @returns {import("./draft.js").Draft} */
export function entered() {
  const flagged = flag().getAttribute("aria-pressed") === "true";
  return { note: note().value, flagged, typed: filter()?.value ?? "", seconds: secondsSpent() };
}

/** @param {number} look shows what was begun on it, or nothing */
export function enter(look) {
  const draft = loadDraft(look);
  startTimer(draft.seconds);
  note().value = draft.note;
  if (!draft.note) keepFocus(notePanel());
  notePanel().hidden = !draft.note;
  document.querySelector("[data-toggle=note]")?.setAttribute("aria-expanded", String(Boolean(draft.note)));
  setFlag(draft.flagged);
  narrow(draft.typed);
}

/** @param {boolean} flagged */
function setFlag(flagged) {
  flag().setAttribute("aria-pressed", String(flagged));
}

/** @param {string} typed */
function narrow(typed) {
  const input = filter();
  if (!input || input.value === typed) return;
  input.value = typed;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {() => number} look the item on screen, 0 for none */
export function startEntry(look) {
  const save = () => look() && saveDraft(look(), entered());
  labelForm().addEventListener("input", save);
  flag().addEventListener("click", () => {
    setFlag(!entered().flagged);
    save();
  });
  addEventListener("pagehide", save);
}

/** Typing filters at once; on a phone the keyboard would cover the labels. */
export function focusFilter() {
  if (matchMedia("(pointer: fine)").matches) filter()?.focus({ preventScroll: true });
}
