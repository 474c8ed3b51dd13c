// @ts-check
/** What the Label page shows: the item, the last choice, what is kept, what went wrong. */

/** @typedef {import("./send.js").Look} Look */
/** @typedef {import("./outbox.js").Act} Act */

const LAST_CHOICE_MS = 3000;
const SENT_MS = 3000;
let choiceTimer = 0;
let stateTimer = 0;

/** @param {string} name @returns {HTMLElement} */
export function part(name) {
  return /** @type {HTMLElement} */ (document.querySelector(`[data-annotate-page] [data-${name}]`));
}

/** @returns {HTMLFormElement} */
export const labelForm = () => /** @type {HTMLFormElement} */ (part("label-form"));

/** @param {string} tag @param {string} className @param {...(string | Node)} content */
function make(tag, className, ...content) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...content);
  return element;
}

/** @param {Look} look */
export function showLook(look) {
  fill(look.card.cloneNode(true), false);
  part("suggestion").replaceChildren(...(look.suggestion ? [look.suggestion.cloneNode(true)] : []));
  scrollTo(0, 0);
}

/** @param {Node} content what stands in the place of an item @param {boolean} without whether labels are of no use now */
export function fill(content, without = true) {
  const place = part("case");
  keepFocus(without ? labelForm() : place);
  labelForm().hidden = without;
  place.removeAttribute("aria-busy");
  place.replaceChildren(content);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: place } }));
}

/** The focus is never left on what goes: it moves to the page's own part. @param {HTMLElement} going */
export function keepFocus(going) {
  if (going.contains(document.activeElement)) document.getElementById("look")?.focus({ preventScroll: true });
}

/** @param {boolean} offline */
export function showWaiting(offline) {
  const text = offline ? "No connection. Your answers are kept here; the next item comes as soon as it is back." : "Fetching the next item…";
  fill(make("div", "empty look-waiting", make("p", "", text)));
}

/** @param {string} text */
export function announce(text) {
  part("announce").textContent = text;
}

/** @param {string} name @param {string} colour */
function chip(name, colour) {
  const element = make("span", "chip", make("span", "chip-name", name));
  if (colour) element.dataset.colour = colour;
  return element;
}

/** @param {Act} act */
export function showChoice(act) {
  const undo = make("button", "button quiet small", "Undo ", make("kbd", "", "z"));
  undo.setAttribute("type", "button");
  undo.dataset.undo = String(act.look);
  undo.dataset.title = act.title;
  showLast(act.kind === "skip" ? "Skipped" : "Labeled", act.kind === "skip" ? "" : chip(act.name, act.colour), act.kind === "skip" ? "" : undo);
}

/** @param {...(string | Node)} content */
export function showLast(...content) {
  const place = part("last-choice");
  keepFocus(place);
  place.replaceChildren(...content.filter(Boolean).flatMap((one) => [one, " "]));
  place.classList.remove("is-gone");
  clearTimeout(choiceTimer);
  choiceTimer = window.setTimeout(() => place.classList.add("is-gone"), LAST_CHOICE_MS);
}

/** @param {string} text @param {HTMLElement | null} act @param {boolean} passes */
export function showState(text, act = null, passes = false) {
  const place = part("state");
  clearTimeout(stateTimer);
  if (place.dataset.text !== text) place.replaceChildren(text, ...(act ? [" ", act] : []));
  place.dataset.text = text;
  place.hidden = !text;
  if (passes) stateTimer = window.setTimeout(() => showState(""), SENT_MS);
}

/** @param {string} text @param {string} address */
export function linkTo(text, address) {
  const link = make("a", "", text);
  link.setAttribute("href", address);
  return link;
}

/** @param {string} text */
export function showTrouble(text) {
  const close = make("button", "button small", "Close");
  close.setAttribute("type", "button");
  const box = make("div", "message warn", make("p", "message-body", text), close);
  box.setAttribute("role", "alert");
  close.addEventListener("click", () => {
    keepFocus(box);
    box.remove();
  });
  part("troubles").append(box);
}
