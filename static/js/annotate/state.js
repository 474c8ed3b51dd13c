// @ts-check
/** What the page says of answers that are kept here, and of those that were sent after all. */

import { linkTo, showState } from "./view.js";

let wasKept = false;

/** @param {import("./outbox.js").Outbox} outbox @param {string} signInUrl */
export function tellState(outbox, signInUrl) {
  const kept = outbox.acts().length;
  const answers = kept === 1 ? "1 answer" : `${kept} answers`;
  const offline = outbox.state === "offline" || !navigator.onLine;
  if (outbox.state === "signed-out") tellSignedOut(kept ? `${answers} kept here, will be sent after that.` : "", signInUrl);
  else if (kept && outbox.state === "busy") showState(`The server is busy: ${answers} kept here, will be sent.`);
  else if (kept && offline) showState(`Offline: ${answers} kept here, will be sent.`);
  else if (wasKept && !kept) showState("Sent.", null, true);
  else if (!kept && !wasKept) showState("");
  if (kept && (offline || outbox.state !== "done")) wasKept = true;
  else if (!kept) wasKept = false;
}

/** @param {string} kept @param {string} signInUrl */
function tellSignedOut(kept, signInUrl) {
  showState(`You are signed out: sign in as the same person. ${kept}`, linkTo("Sign in", signInUrl));
}
