// @ts-check
/**
 * The Label page. It holds the item on screen and the one after it: an answer shows the next at once
 * and goes out behind it, and what comes back brings the one after that.
 */

import { closeAnswers, newestAnswer, openAnswers } from "./answers.js";
import { Desk } from "./desk.js";
import { dropDraft, dropOldDrafts, saveDraft } from "./draft.js";
import { enter, entered, focusFilter, startEntry } from "./entry.js";
import { countAnswer } from "./figures.js";
import { giveBack, keepLeases } from "./lease.js";
import { startMarks } from "./marks.js";
import { Outbox, uuid } from "./outbox.js";
import { isDoublePress } from "./presses.js";
import { post } from "./send.js";
import { tellState } from "./state.js";
import { closedTabs, takeTab } from "./tab.js";
import { announce, labelForm, showChoice, showLast, showTrouble, showWaiting } from "./view.js";

/** @typedef {import("./send.js").Look} Look */
/** @typedef {import("./send.js").Outcome} Outcome */
/** @typedef {import("./outbox.js").Act} Act */

const AGAIN_MS = 15_000;
const REMEMBERED = 10;
const root = /** @type {HTMLElement} */ (document.querySelector("[data-annotate-page]"));
const { project = "", person = "", nextUrl = "", lookUrl = "", signInUrl = "" } = root.dataset;

/** @type {{ act: Act, look: Look }[]} the last answers of this page, the newest at the end */
let given = [];
let asking = false;
/** @type {Outbox} */
let outbox;
const desk = new Desk(() => ({ kept: outbox.acts().length, offline: outbox.state === "offline" || !navigator.onLine }));

/** Asks for items, unless an answer on its way brings them. */
async function ask() {
  if (asking || outbox.sending) return;
  asking = true;
  const ended = outbox.ended;
  const { state, reply } = await post(nextUrl, { tab: outbox.tab, person });
  asking = false;
  if (outbox.acts().length === 0) outbox.state = state;
  // What was asked before an answer went out may name items that are done.
  if (reply && ended === outbox.ended && !outbox.sending) desk.take(reply);
  if (!desk.current && !reply) showWaiting(state === "offline");
  tellState(outbox, signInUrl);
}

/** @param {"submit" | "skip"} kind @param {Record<string, string>} fields @param {{ name: string, colour: string }} label */
function act(kind, fields, label) {
  // Taking back gives the items of this tab new leases: an answer under the old one would be refused.
  if (!desk.current || isDoublePress(label.name) || outbox.acts().some((one) => one.kind === "undo")) return;
  const look = desk.current;
  const key = uuid();
  const { note, flagged, seconds } = entered();
  const common = { token: look.token, person, idempotency_key: key, seconds: String(seconds), note };
  const done = { key, kind, look: look.id, url: `${lookUrl}${look.id}/${kind}/`, title: look.title, tab: outbox.tab, tries: 0, at: Date.now() };
  const made = { ...done, ...label, fields: { ...common, ...(flagged ? { flagged: "on" } : {}), ...fields } };
  desk.dealtWith.add(look.id);
  dropDraft(look.id);
  if (kind === "submit") countAnswer(seconds, 1);
  given = [...given, { act: made, look }].slice(-REMEMBERED);
  showChoice(made);
  desk.advance();
  announce(`${kind === "skip" ? "Skipped" : `Labeled ${label.name}`}. ${desk.current ? `Next: ${desk.current.title}` : ""}`);
  outbox.add(made);
}

/** @param {number} id the item to take back; 0 is the newest */
async function undo(id, title = "") {
  const found = [...given].reverse().find(({ act }) => (id ? act.look === id : act.kind === "submit" || !act.tries));
  const waiting = found && outbox.acts().find(({ key }) => key === found.act.key);
  if (found && waiting?.tries === 0) {
    outbox.drop(waiting);
    back(found);
    return;
  }
  if (outbox.state === "offline") {
    showLast("No connection: this answer was sent already. Take it back when the connection is back.");
    return;
  }
  const newest = found || id ? { look: id || (found?.act.look ?? 0), title: found?.act.title ?? title, obstacle: "" } : await newestAnswer();
  if (newest.obstacle) {
    showLast(newest.obstacle);
    return;
  }
  given = given.filter(({ act }) => act !== found?.act);
  const url = `${lookUrl}${newest.look}/undo/`;
  outbox.add({ key: uuid(), kind: "undo", look: newest.look, url, fields: { person, note: found?.act.fields.note ?? "", flagged: found?.act.fields.flagged ?? "" }, title: newest.title, name: "", colour: "", tab: outbox.tab, tries: 0, at: Date.now() });
}

/** An answer that never went out: its item is simply on screen again. @param {{ act: Act, look: Look }} found */
function back({ act, look }) {
  given = given.filter((one) => one.act !== act);
  if (act.kind === "submit") countAnswer(Number(act.fields.seconds), -1);
  keepDraft(act);
  desk.putBack(look);
  tellBack(look.title);
  tellState(outbox, signInUrl);
}

/** @param {Act} act */
function keepDraft(act) {
  const { note = "", flagged = "" } = act.fields;
  saveDraft(act.look, { note, flagged: Boolean(flagged), typed: "", seconds: 0 });
}

/** @param {string} title */
function tellBack(title) {
  showLast("Taken back. Here it is again.");
  announce(`Taken back: ${title}`);
}

/** @param {Act} act @param {Outcome} outcome */
function ended(act, { state, reply, text }) {
  if (act.kind === "undo" && reply?.looks.some(({ id }) => id === act.look)) {
    desk.dealtWith.delete(act.look);
    reply.first = act.look;
    keepDraft(act);
    tellBack(act.title);
  } else if (state === "refused" && !(act.kind === "skip" && act.tries > 1)) refused(act, text);
  else if (act.kind === "skip" && reply) showLast(reply.said);
  if (reply?.lesson) document.body.dispatchEvent(new CustomEvent("toast", { detail: reply.lesson }));
  if (reply) desk.take(reply);
}

/** @param {Act} act @param {string} text */
function refused(act, text) {
  const what = { submit: `your answer ${act.name} was not counted`, skip: "it was not skipped", undo: "it was not taken back" };
  showTrouble(`“${act.title}”: ${what[act.kind]}. ${text}`);
  desk.dealtWith.delete(act.look);
  given = given.filter(({ act: one }) => one.key !== act.key);
  if (act.kind === "submit") countAnswer(Number(act.fields.seconds), -1);
}

function changed() {
  tellState(outbox, signInUrl);
  if (!outbox.acts().length && !desk.current && !asking) void ask();
  else if (!desk.current && outbox.acts().length) showWaiting(outbox.state === "offline");
}

function again() {
  if (outbox.acts().length) void outbox.flush();
  else if (!desk.current || outbox.state !== "done") void ask();
}

/** @param {Event} event */
function onSubmit(event) {
  const { target, submitter } = /** @type {SubmitEvent} */ (event);
  const skipping = /** @type {Element} */ (target).matches("[data-skip-form]");
  if (target !== labelForm() && !skipping) return;
  event.preventDefault();
  if (!(submitter instanceof HTMLButtonElement) || !submitter.value) return;
  submitter.closest("dialog")?.close();
  if (skipping) act("skip", { reason: submitter.value }, { name: "", colour: "" });
  else act("submit", { label: submitter.value }, { name: submitter.value, colour: submitter.dataset.colour ?? "" });
}

/** @param {MouseEvent} event */
function onClick(event) {
  const target = /** @type {Element} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (target.closest("[data-undo], [data-answers], [data-again]"));
  if (!button) return;
  if (button.hasAttribute("data-answers")) void openAnswers(outbox.acts().length);
  else if (button.hasAttribute("data-again")) void ask();
  else {
    if (button.closest("dialog")) closeAnswers();
    void undo(Number(button.dataset.undo), button.dataset.title);
  }
}

async function start() {
  const place = `${person}:${project}`;
  outbox = new Outbox(place, await takeTab(), { ended, changed });
  outbox.orphans = new Set(await closedTabs(outbox.tabs()));
  dropOldDrafts();
  startMarks();
  root.hidden = false;
  for (const { look, kind } of outbox.acts()) if (kind !== "undo") desk.dealtWith.add(look);
  startEntry(() => desk.current?.id ?? 0);
  listen();
  if (outbox.acts().length) await outbox.flush();
  if (!desk.current) await ask();
  focusFilter();
}

function listen() {
  document.addEventListener("submit", onSubmit, { capture: true });
  document.addEventListener("click", onClick);
  keepLeases(lookUrl, () => desk.held(), (look) => {
    desk.lose(look);
    if (!desk.current) void ask();
  });
  addEventListener("online", again);
  addEventListener("offline", () => tellState(outbox, signInUrl));
  addEventListener("focus", again);
  addEventListener("pagehide", () => giveBack(lookUrl, desk.ahead.splice(0)));
  addEventListener("pageshow", ({ persisted }) => persisted && void ask());
  setInterval(() => document.visibilityState === "visible" && again(), AGAIN_MS);
}

void start();
