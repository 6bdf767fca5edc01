// The open conversation's history: stays at its end, loads what is earlier, tells what was read.
"use strict";
(() => {
  const { announce, byId, call } = window.setuDesk;
  const { conversation, new: fresh } = document.body.dataset;

  // At the end unless the reader has scrolled up.
  let stick = true;
  const toEnd = (force = false) => {
    const box = byId("history");
    stick ||= force;
    if (box && stick) box.scrollTop = box.scrollHeight;
  };
  document.addEventListener("scroll", ({ target }) => {
    if (target.id === "history") stick = target.scrollHeight - target.scrollTop - target.clientHeight < 80;
  }, true);

  let newest = null;
  function arrived() {
    const messages = document.querySelectorAll("#thread > [data-author]");
    const last = messages[messages.length - 1];
    if (last && newest !== null && last.id !== newest && last.dataset.author === "client")
      announce(`${fresh}: ${last.querySelector(".text")?.textContent ?? ""}`);
    newest = last?.id ?? "";
    oneDayOnce();
    toEnd();
    seen();
  }

  // A day that goes on over the border between what was loaded at different times is named once.
  function oneDayOnce() {
    let before = "";
    for (const day of document.querySelectorAll(".thread > .day")) {
      day.hidden = day.dataset.day === before;
      before = day.dataset.day;
    }
  }

  // What has been on a screen that somebody looks at has been read.
  let told = 0;
  function seen() {
    const messages = document.querySelectorAll("#thread > [data-seq]");
    const last = Number(messages[messages.length - 1]?.dataset.seq || 0);
    if (!conversation || document.hidden || last <= told) return;
    told = last;
    call(`/api/desk/conversations/${conversation}/read`, "POST", { seq: last })
      .then(() => htmx.trigger(document.body, "deskqueue"), () => { told = 0; });
  }
  document.addEventListener("visibilitychange", seen);

  async function earlier(button) {
    if (button.dataset.busy) return;
    button.dataset.busy = "1";
    try {
      const { earlier: chat, before } = button.dataset;
      const answer = await fetch(`/desk/parts/earlier/${chat}?before=${before}`);
      if (!answer.ok) throw new Error(document.body.dataset.failed);
      const part = document.createElement("template");
      part.innerHTML = await answer.text();
      const list = part.content.querySelector("ol");
      const box = byId("history");
      const height = box.scrollHeight;
      const count = list.querySelectorAll("[data-seq]").length;
      button.dataset.before = list.dataset.before;
      byId("older").prepend(...list.children);
      oneDayOnce();
      stick = false;
      box.scrollTop += box.scrollHeight - height;
      announce(button.dataset.loaded.replace("{count}", new Intl.NumberFormat(document.documentElement.lang).format(count)));
      if (!list.dataset.earlier) {
        byId("earlier").hidden = true;
        box.focus({ preventScroll: true });
      }
    } catch (error) {
      window.setuDesk.tell(error.message);
    } finally {
      delete button.dataset.busy;
    }
  }
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-earlier]");
    if (button) earlier(button);
  });

  document.addEventListener("htmx:after:swap", arrived);
  Object.assign(window.setuDesk, { toEnd });
  arrived();
  if (byId("history")) new ResizeObserver(() => toEnd()).observe(byId("history"));
})();
