// @ts-check
/**
 * Toasts: from `HX-Trigger: {"toast": {"text": …, "state": …}}`, from a `toast` event of any script,
 * from Django's success messages, and for requests that failed. Bad news stays until it is closed.
 */

const SHOWN_MS = 5000;
const MARKS = { ok: "✓", info: "i", warn: "!", bad: "✕" };
const region = document.getElementById("toasts");

/** @typedef {{ text?: string, value?: string, state?: string, undo_url?: string, undo_target?: string }} Toast */

/** @param {Toast} toast */
function show(toast) {
  const text = toast.text ?? toast.value;
  if (!region || !text) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.append(mark(toast.state), paragraph(text));
  if (toast.undo_url) box.append(undoButton(toast.undo_url, toast.undo_target));
  box.append(closeButton(box));
  region.append(box);
  if (toast.state !== "bad") removeLater(box);
}

/** @param {string | undefined} state */
function mark(state) {
  const element = document.createElement("span");
  element.className = "toast-mark";
  element.setAttribute("aria-hidden", "true");
  element.textContent = MARKS[/** @type {keyof MARKS} */ (state ?? "ok")] ?? MARKS.info;
  return element;
}

/** @param {string} text */
function paragraph(text) {
  const element = document.createElement("p");
  element.textContent = text;
  return element;
}

/**
 * @param {string} url
 * @param {string | undefined} target
 */
function undoButton(url, target) {
  const element = button("Undo");
  element.classList.add("toast-action");
  element.setAttribute("hx-post", url);
  element.setAttribute("hx-target", target ?? "body");
  element.setAttribute("hx-swap", target ? "outerHTML" : "none");
  element.addEventListener("htmx:afterRequest", () => element.closest(".toast")?.remove());
  window.htmx?.process(element);
  return element;
}

/** @param {HTMLElement} box */
function closeButton(box) {
  const element = button("✕");
  element.setAttribute("aria-label", "Close");
  element.addEventListener("click", () => box.remove());
  return element;
}

/** @param {string} text */
function button(text) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button small";
  element.textContent = text;
  return element;
}

/**
 * Waits while the pointer or the focus is on it: a toast must not leave under a reaching hand.
 * @param {HTMLElement} box
 */
function removeLater(box) {
  setTimeout(() => {
    if (box.matches(":hover, :focus-within")) removeLater(box);
    else box.remove();
  }, SHOWN_MS);
}

/** @param {number} status */
function failure(status) {
  if (status === 0) return "No connection. Nothing was lost; try again in a moment.";
  if (status === 401 || status === 403) return "You may not do this, or you are signed out. Reload the page.";
  if (status === 404) return "This is no longer there. Reload the page.";
  if (status === 429) return "Too many requests. Wait a moment and try again.";
  return "The server could not do this. Nothing was changed; try again.";
}

/** @param {Event} event */
function onFailure(event) {
  const { elt, xhr } = /** @type {CustomEvent} */ (event).detail;
  // The Label page keeps the choice and tells about it itself; a poll simply asks again.
  const tells = elt?.closest("[data-annotate]") || elt?.getAttribute("hx-trigger")?.startsWith("every");
  if (!tells) show({ text: failure(xhr?.status ?? 0), state: "bad" });
}

function liftMessages() {
  for (const message of document.querySelectorAll("#messages [data-lift]")) {
    const undo = message.getAttribute("data-undo");
    show({
      text: message.getAttribute("data-lift") ?? "",
      state: message.getAttribute("data-state") ?? "ok",
      ...(undo ? { undo_url: undo } : {}),
    });
    message.remove();
  }
  const list = document.getElementById("messages");
  if (list && !list.children.length) list.remove();
}

document.body.addEventListener("toast", (event) => show(/** @type {CustomEvent} */ (event).detail));
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, onFailure);
}
liftMessages();
