// The end of a chat: what the agent has seen goes along, and `e`, Enter is enough when all is right.
"use strict";
(() => {
  // Before the desk's own listener collects the form.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.closest("#wrap-up")) form.elements.seen.value = document.getElementById("newest").dataset.seen;
  }, true);

  // What was sent is not there again when the form opens for the next one.
  document.addEventListener("toggle", (event) => {
    const box = event.target;
    if (!box.matches("#wrap-up, #promise")) return;
    if (!box.open) box.querySelector("form").reset();
    else if (box.id === "wrap-up") document.getElementById("wrap-done").focus();
  }, true);
})();
