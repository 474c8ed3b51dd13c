// @ts-check
/**
 * The Label page. It holds the item on screen and the one after it: an answer shows the next at once
 * and goes out behind it, and what comes back brings the one after that.
 */

import { closeAnswers, newestAnswer, openAnswers } from "./answers.js";
import { dropDraft, dropOldDrafts, saveDraft } from "./draft.js";
import { enter, entered, focusFilter, startEntry } from "./entry.js";
import { countAnswer, showFigures } from "./figures.js";
import { giveBack, keepLeases } from "./lease.js";
import { startMarks } from "./marks.js";
import { Outbox, uuid } from "./outbox.js";
import { isDoublePress } from "./presses.js";
import { post } from "./send.js";
import { closedTabs, takeTab } from "./tab.js";
import { announce, fill, labelForm, linkTo, showChoice, showLast, showLook, showState, showTrouble, showWaiting } from "./view.js";

/** @typedef {import("./send.js").Look} Look */
/** @typedef {import("./send.js").Reply} Reply */
/** @typedef {import("./send.js").Outcome} Outcome */
/** @typedef {import("./outbox.js").Act} Act */

const AGAIN_MS = 15_000;
const REMEMBERED = 10;
const root = /** @type {HTMLElement} */ (document.querySelector("[data-annotate-page]"));
const { project = "", person = "", nextUrl = "", lookUrl = "", signInUrl = "" } = root.dataset;

/** @type {Look | null} the item on screen */
let current = null;
/** @type {Look[]} those after it */
let ahead = [];
/** @type {Set<number>} items that this page has dealt with: an older reply may still name them */
const dealtWith = new Set();
/** @type {{ act: Act, look: Look }[]} the last answers of this page, the newest at the end */
let given = [];
let asking = false;
let wasKept = false;
/** @type {Outbox} */
let outbox;

/** @param {Reply} reply */
function take(reply) {
  if (reply.pace) showFigures(reply.pace);
  const held = reply.looks.filter((look) => !dealtWith.has(look.id));
  const first = held.find((look) => look.id === (reply.first || current?.id));
  if (current && !first) lost(current);
  ahead = held.filter((look) => look !== first);
  if (first && first.id === current?.id) current.token = first.token;
  else if (first) show(first);
  else if (!current) advance(reply.none);
}

/** @param {Element | null} none what the server says where it has nothing */
function advance(none = null) {
  current = null;
  const next = ahead.shift();
  if (next) show(next);
  else if (none && !outbox.acts().length) {
    fill(none);
    announce(none.querySelector("h2")?.textContent ?? "");
  } else showWaiting(outbox.state === "offline" || !navigator.onLine);
}

/** @param {Look} look */
function show(look) {
  current = look;
  showLook(look);
  enter(look.id);
}

/** @param {Look} look */
function lost(look) {
  showTrouble(`“${look.title}” went back to the queue, because it was open for long.`);
  current = null;
}

/** Asks for items, unless an answer on its way brings them. */
async function ask() {
  if (asking || outbox.sending) return;
  asking = true;
  const ended = outbox.ended;
  const { state, reply } = await post(nextUrl, { tab: outbox.tab, person });
  asking = false;
  if (outbox.acts().length === 0) outbox.state = state;
  // What was asked before an answer went out may name items that are done.
  if (reply && ended === outbox.ended && !outbox.sending) take(reply);
  if (!current && !reply) showWaiting(state === "offline");
  tellState();
}

/** @param {"submit" | "skip"} kind @param {Record<string, string>} fields @param {{ name: string, colour: string }} label */
function act(kind, fields, label) {
  if (!current || isDoublePress(label.name)) return;
  const look = current;
  const key = uuid();
  const { note, flagged, seconds } = entered();
  const common = { token: look.token, person, idempotency_key: key, seconds: String(seconds), note };
  const done = { key, kind, look: look.id, url: `${lookUrl}${look.id}/${kind}/`, title: look.title, tab: outbox.tab, tries: 0, at: Date.now() };
  const made = { ...done, ...label, fields: { ...common, ...(flagged ? { flagged: "on" } : {}), ...fields } };
  dealtWith.add(look.id);
  dropDraft(look.id);
  if (kind === "submit") countAnswer(seconds, 1);
  given = [...given, { act: made, look }].slice(-REMEMBERED);
  showChoice(made);
  advance();
  announce(`${kind === "skip" ? "Skipped" : `Labeled ${label.name}`}. ${current ? `Next: ${/** @type {Look} */ (current).title}` : ""}`);
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
  dealtWith.delete(look.id);
  if (act.kind === "submit") countAnswer(Number(act.fields.seconds), -1);
  keepDraft(act);
  if (current) ahead.unshift(current);
  show(look);
  tellBack(look.title);
  tellState();
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
    dealtWith.delete(act.look);
    reply.first = act.look;
    keepDraft(act);
    tellBack(act.title);
  } else if (state === "refused" && !(act.kind === "skip" && act.tries > 1)) refused(act, text);
  else if (act.kind === "skip" && reply) showLast(reply.said);
  if (reply) take(reply);
}

/** @param {Act} act @param {string} text */
function refused(act, text) {
  const what = { submit: `your answer ${act.name} was not counted`, skip: "it was not skipped", undo: "it was not taken back" };
  showTrouble(`“${act.title}”: ${what[act.kind]}. ${text}`);
  dealtWith.delete(act.look);
  given = given.filter(({ act: one }) => one.key !== act.key);
  if (act.kind === "submit") countAnswer(Number(act.fields.seconds), -1);
}

function tellState() {
  const kept = outbox.acts().length;
  const answers = kept === 1 ? "1 answer" : `${kept} answers`;
  if (outbox.state === "signed-out") showState(`You are signed out. ${kept ? `${answers} kept here, will be sent after you sign in.` : ""}`, linkTo("Sign in", signInUrl));
  else if (kept && outbox.state === "busy") showState(`The server is busy: ${answers} kept here, will be sent.`);
  else if (kept && (outbox.state === "offline" || !navigator.onLine)) showState(`Offline: ${answers} kept here, will be sent.`);
  else if (wasKept && !kept) showState("Sent.", null, true);
  else if (!kept) showState("");
  wasKept = kept > 0 && outbox.state !== "done";
}

function changed() {
  tellState();
  if (!outbox.acts().length && !current && !asking) void ask();
  else if (!current && outbox.acts().length) showWaiting(outbox.state === "offline");
}

function again() {
  if (outbox.acts().length) void outbox.flush();
  else if (!current || outbox.state !== "done") void ask();
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
  for (const { look, kind } of outbox.acts()) if (kind !== "undo") dealtWith.add(look);
  startEntry(() => current?.id ?? 0);
  listen();
  if (outbox.acts().length) await outbox.flush();
  if (!current) await ask();
  focusFilter();
}

function listen() {
  document.addEventListener("submit", onSubmit, { capture: true });
  document.addEventListener("click", onClick);
  keepLeases(lookUrl, () => [...(current ? [current] : []), ...ahead], (look) => {
    ahead = ahead.filter((one) => one !== look);
    if (current === look) lost(look);
    if (!current) void ask();
  });
  addEventListener("online", again);
  addEventListener("offline", tellState);
  addEventListener("focus", again);
  addEventListener("pagehide", () => giveBack(lookUrl, ahead.splice(0)));
  addEventListener("pageshow", ({ persisted }) => persisted && void ask());
  setInterval(() => document.visibilityState === "visible" && again(), AGAIN_MS);
}

void start();
