// Signs of life: while a page of the desk is open, its agent is there.
"use strict";
(() => {
  const EVERY = 20000;
  let last = 0;
  function here() {
    // Several causes at once (a ping, a page shown again) are one sign.
    if (Date.now() - last < EVERY / 2) return;
    last = Date.now();
    setuDesk.call("/api/desk/here", "POST").catch(() => { last = 0; });
  }
  // An answer to the stream is not slowed down in a tab in the background, as timers are.
  document.body.addEventListener("setu:ping", here);
  setInterval(here, EVERY);
  document.addEventListener("change", async (event) => {
    if (!event.target.matches("[data-presence]")) return;
    const presence = event.target.value;
    try {
      await setuDesk.call("/api/desk/presence", "PUT", { presence });
      event.target.closest(".presence").className = `presence ${presence}`;
      document.getElementById("lost")?.remove();
      setuDesk.refresh();
    } catch (error) {
      setuDesk.tell(error instanceof TypeError ? document.body.dataset.failed : error.message);
    }
  });
  addEventListener("online", here);
  addEventListener("pageshow", here);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) here(); });
})();
