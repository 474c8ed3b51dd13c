// @ts-check
/**
 * The Label page: no label is lost and none is given twice. Every form that acts on the look
 * (`data-annotate`) gets the seconds spent and one idempotency key, which it keeps over retries; while
 * a choice is on its way no other is taken; when the connection is lost the choice stays and is sent again.
 */

const HEARTBEAT_MS = 60_000;
const LAST_CHOICE_MS = 2000;
const WAITS_MS = [1000, 2000, 4000, 8000, 15_000];
const PASSING = new Set([0, 429, 502, 503, 504]);

/** @typedef {{ form: HTMLFormElement, button: HTMLElement | null, tries: number, timer: number }} Pending */
/** @type {Pending | null} the choice that is on its way */
let pending = null;
let resending = false;
let spentMs = 0;
let shownSince = performance.now();
let lastBeat = Date.now();

const look = () => document.getElementById("look");

/** `randomUUID` exists only on secure origins; a team may well run this on plain http in its own network. */
function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Time with the page hidden is not time spent on the item. */
function seconds() {
  const running = document.visibilityState === "visible" ? performance.now() - shownSince : 0;
  return ((spentMs + running) / 1000).toFixed(1);
}

/**
 * @param {ParentNode} part
 * @param {string} name
 * @param {() => string} value
 */
function setAll(part, name, value) {
  for (const input of part.querySelectorAll(`[data-annotate] input[name="${name}"]`)) {
    /** @type {HTMLInputElement} */ (input).value = value();
  }
}

function begin() {
  const part = look();
  if (!part) return;
  spentMs = 0;
  shownSince = performance.now();
  lastBeat = Date.now();
  setAll(part, "idempotency_key", uuid);
  const choice = part.querySelector("[data-last-choice]");
  setTimeout(() => choice?.classList.add("is-gone"), LAST_CHOICE_MS);
}

/** @param {SubmitEvent} event */
function onSubmit(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-annotate]")) return;
  if (pending && !resending) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (pending) return;
  setAll(look() ?? document, "seconds", seconds);
  pending = { form, button: /** @type {HTMLElement | null} */ (event.submitter), tries: 0, timer: 0 };
  form.setAttribute("aria-busy", "true");
  pending.button?.classList.add("is-chosen");
}

function release() {
  if (!pending) return;
  clearTimeout(pending.timer);
  pending.form.removeAttribute("aria-busy");
  pending.button?.classList.remove("is-chosen");
  pending = null;
}

function resend() {
  if (!pending) return;
  clearTimeout(pending.timer);
  resending = true;
  // A press, because htmx learns the name and value of a submit button from its click only.
  if (pending.button) pending.button.click();
  else pending.form.requestSubmit();
  resending = false;
}

/**
 * @param {Pending} choice
 * @param {number} status
 */
function retryLater(choice, status) {
  const wait = WAITS_MS[Math.min(choice.tries, WAITS_MS.length - 1)];
  choice.tries += 1;
  choice.timer = window.setTimeout(resend, wait);
  const name = choice.button?.querySelector("span")?.textContent;
  const what = name ? `Your choice “${name}” is` : "Your answer is";
  const trouble = status === 0 ? "No connection." : "The server is busy.";
  tell("warn", `${trouble} ${what} kept here and sent again in ${wait / 1000} s.`, resend, "Send now");
}

/** @param {number} status */
function reason(status) {
  if (status === 401 || status === 403) return "You are signed out. This choice was not saved: sign in again.";
  if (status === 410) return "This item went back into the queue. This choice was not saved: take the next item.";
  return "The server could not save this choice. Try again, or skip the item.";
}

/** @param {Event} event */
function onAnswer(event) {
  const { requestConfig, xhr, successful } = /** @type {CustomEvent} */ (event).detail;
  // Not detail.elt: after a swap htmx reports the parent that is left.
  if (!pending || requestConfig?.elt !== pending.form) return;
  const status = xhr?.status ?? 0;
  if (!successful && PASSING.has(status)) {
    retryLater(pending, status);
    return;
  }
  release();
  if (successful || status === 409 || status === 422) silence();
  else tell("bad", reason(status), () => location.reload(), "Reload");
}

/**
 * @param {string} state
 * @param {string} text
 * @param {() => void} act
 * @param {string} actText
 */
function tell(state, text, act, actText) {
  silence();
  const box = document.createElement("div");
  const words = document.createElement("p");
  const button = document.createElement("button");
  box.id = "look-trouble";
  box.className = `message look-trouble ${state}`;
  box.setAttribute("role", "alert");
  words.className = "message-body";
  words.textContent = text;
  button.type = "button";
  button.className = "button small";
  button.textContent = actText;
  button.addEventListener("click", act);
  box.append(words, button);
  look()?.prepend(box);
}

function silence() {
  document.getElementById("look-trouble")?.remove();
}

/** Keeps the lease: posts the hidden fields of the label form, the CSRF token among them. */
async function beat() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-heartbeat-url]"));
  if (!form || pending || document.visibilityState !== "visible") return;
  lastBeat = Date.now();
  const fields = [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=hidden]"))];
  const body = new URLSearchParams(fields.map((field) => [field.name, field.value]));
  try {
    const answer = await fetch(form.dataset.heartbeatUrl ?? "", { method: "POST", body, headers: csrf(body) });
    if (form.isConnected) onBeat(answer.status);
  } catch {
    // The next beat, or the choice itself, will tell whether the connection is gone.
  }
}

/** @param {URLSearchParams} body */
function csrf(body) {
  return { "X-CSRFToken": body.get("csrfmiddlewaretoken") ?? "" };
}

/** @param {number} status */
function onBeat(status) {
  const lost = status === 409 || status === 410;
  if (lost) tell("warn", "This item went back into the queue, because it was open for long.", () => location.reload(), "Next item");
}

function onVisibility() {
  if (document.visibilityState === "hidden") {
    spentMs += performance.now() - shownSince;
    return;
  }
  shownSince = performance.now();
  if (Date.now() - lastBeat > HEARTBEAT_MS) void beat();
}

document.addEventListener("submit", onSubmit, { capture: true });
document.addEventListener("htmx:afterRequest", onAnswer);
document.addEventListener("htmx:load", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.elt !== look()) return;
  begin();
  scrollTo(0, 0);
});
document.addEventListener("visibilitychange", onVisibility);
addEventListener("online", resend);
addEventListener("beforeunload", (event) => {
  if (pending) event.preventDefault();
});
setInterval(() => void beat(), HEARTBEAT_MS);
begin();
