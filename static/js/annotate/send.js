// @ts-check
/** One request of the Label page, and what came of it; the answer is HTML that holds the next looks. */

const TIMEOUT_MS = 20_000;

/** @typedef {{ id: number, token: string, title: string, card: Element, suggestion: Element | null }} Look */
/** @typedef {{ first: number, trouble: string, said: string, lesson: { text: string, state: string } | null, pace: Element | null, looks: Look[], none: Element | null }} Reply */
/** @typedef {"done" | "refused" | "busy" | "offline" | "signed-out"} State */
/** @typedef {{ state: State, reply: Reply | null, text: string }} Outcome */

/** The cookie, not the page, knows the token of a session that was renewed in another tab. */
export function csrfToken() {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

/**
 * @param {string} url
 * @param {Record<string, string>} fields
 * @returns {Promise<Outcome>}
 */
export async function post(url, fields) {
  const headers = { "HX-Request": "true", "X-CSRFToken": csrfToken() };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const body = new URLSearchParams(fields);
    const answer = await fetch(url, { method: "POST", body, headers, signal, redirect: "manual" });
    return outcome(stateOf(answer), await answer.text());
  } catch {
    return { state: "offline", reply: null, text: "" };
  }
}

/** @param {Response} answer @returns {State} */
function stateOf(answer) {
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return "signed-out";
  if (answer.ok) return "done";
  return answer.status === 429 || answer.status >= 500 ? "busy" : "refused";
}

/** @param {State} state @param {string} html @returns {Outcome} */
function outcome(state, html) {
  const reply = state === "done" || state === "refused" ? parse(html) : null;
  return { state, reply, text: reply?.trouble ?? (state === "refused" ? "The server does not know this item." : "") };
}

/** @param {string} html @returns {Reply | null} */
function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const root = template.content.querySelector("[data-reply]");
  if (!root) return null;
  return {
    first: Number(root.getAttribute("data-first") ?? 0),
    trouble: root.querySelector("[data-trouble]")?.textContent ?? "",
    said: root.querySelector("[data-said]")?.textContent ?? "",
    lesson: lessonOf(root.querySelector("[data-lesson]")),
    pace: root.querySelector("[data-pace]"),
    looks: [...root.querySelectorAll("[data-look]")].map(lookOf),
    none: root.querySelector("[data-none]"),
  };
}

/** @param {Element | null} element */
function lessonOf(element) {
  return element && { text: element.textContent ?? "", state: element.getAttribute("data-lesson") ?? "" };
}

/** @param {Element} element @returns {Look} */
function lookOf(element) {
  return {
    id: Number(element.getAttribute("data-look")),
    token: element.getAttribute("data-token") ?? "",
    title: element.getAttribute("data-title") ?? "",
    card: /** @type {Element} */ (element.querySelector("[data-part=case]")),
    suggestion: element.querySelector("[data-part=suggestion]"),
  };
}
