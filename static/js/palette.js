// @ts-check
/** The command palette (Ctrl K): every rail link and every `[data-command]`, filtered by typing. */

const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("palette"));
const input = /** @type {HTMLInputElement | null} */ (dialog?.querySelector("input") ?? null);
const list = /** @type {HTMLElement | null} */ (dialog?.querySelector("[role=listbox]") ?? null);
const none = /** @type {HTMLElement | null} */ (dialog?.querySelector("[data-palette-none]") ?? null);

/** @typedef {{ text: string, hint: string, element: HTMLElement }} Command */
/** @type {Command[]} */
let commands = [];
/** @type {Command[]} */
let shown = [];
let current = 0;

/** @returns {Command[]} */
function collect() {
  const elements = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-command], [data-go]"));
  return [...elements].filter((element) => !element.matches(":disabled")).map((element) => ({
    text: element.dataset.command || element.dataset.name || element.textContent?.trim() || "",
    hint: element.dataset.go ? `g ${element.dataset.go}` : (element.dataset.key ?? ""),
    element,
  }));
}

/**
 * Every typed word has to occur somewhere in the command.
 * @param {Command} command
 * @param {string} typed
 */
function matches(command, typed) {
  const text = command.text.toLowerCase();
  return typed.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/**
 * @param {Command} command
 * @param {number} index
 */
function option(command, index) {
  const element = document.createElement("li");
  element.setAttribute("role", "option");
  element.id = `palette-option-${index}`;
  element.textContent = command.text;
  if (command.hint) {
    const hint = document.createElement("kbd");
    hint.textContent = command.hint;
    element.append(hint);
  }
  element.addEventListener("click", () => run(index));
  return element;
}

function filter() {
  shown = commands.filter((command) => matches(command, input?.value ?? ""));
  list?.replaceChildren(...shown.map(option));
  if (none) none.hidden = shown.length > 0;
  point(0);
}

/** @param {number} index */
function point(index) {
  current = Math.max(0, Math.min(shown.length - 1, index));
  for (const [at, element] of [...(list?.children ?? [])].entries()) {
    element.setAttribute("aria-selected", String(at === current));
    if (at === current) element.scrollIntoView({ block: "nearest" });
  }
  if (shown.length) input?.setAttribute("aria-activedescendant", `palette-option-${current}`);
  else input?.removeAttribute("aria-activedescendant");
}

/** @param {number} index */
function run(index) {
  const command = shown[index];
  if (!command) return;
  dialog?.close();
  command.element.click();
}

function open() {
  if (!dialog || !input || document.querySelector("dialog:modal")) return;
  commands = collect();
  input.value = "";
  filter();
  dialog.showModal();
  input.focus();
}

document.addEventListener("keydown", (event) => {
  const asked = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
  if (!asked) return;
  event.preventDefault();
  if (dialog?.open) dialog.close();
  else open();
});
document.addEventListener("click", (event) => {
  if (/** @type {Element} */ (event.target).closest("[data-palette]")) open();
});
input?.addEventListener("input", filter);
input?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) point(current + step);
  else if (event.key === "Enter") run(current);
  else return;
  event.preventDefault();
});
