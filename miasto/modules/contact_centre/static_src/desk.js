// The operators' pages follow the calls: one that rings at this operator's extension opens the console by itself, unless
// something is being typed on another call; then it is announced with a link.
import { follow } from "../../../kernel/ui/static_src/lib/live.js";

const pop = document.querySelector("[data-screen-pop]");

function announce(call) {
  const words = pop.querySelector("p");
  const link = Object.assign(document.createElement("a"), { href: call.url, textContent: pop.dataset.textOpen });
  words.replaceChildren(`${pop.dataset.textRings}${call.number || pop.dataset.textWithheld} `, link);
  pop.hidden = false;
}

const ring = (event) => {
  const call = JSON.parse(event.data);
  if (!call.url || location.pathname === call.url) return;
  if (document.querySelector("form[data-call]")) announce(call);
  else location.assign(call.url);
};
follow(pop.dataset.screenPop, ring, { onMissed: () => {} }); // a call that rang meanwhile is told when the stream is let in

document.querySelector("[data-focus-first] input:not([type=hidden])")?.focus();
document.querySelector("[data-next]")?.focus();
