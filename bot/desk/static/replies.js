// The page of one canned reply: all its texts are saved as one.
"use strict";
(() => {
  const { byId, call, tell } = window.setuDesk;
  const form = byId("reply-form");
  const send = async (method, content) => {
    try {
      await call(form.dataset.canned, method, content);
      location.assign("/desk/replies");
    } catch (error) {
      tell(error instanceof TypeError ? document.body.dataset.failed : error.message);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const texts = Array.from(form.querySelectorAll("textarea"), (box) => ({
      locale: box.dataset.localeOf, register: box.dataset.register, text: box.value,
    })).filter(({ text }) => text.trim());
    const version = Number(form.dataset.version);
    send(version ? "PUT" : "POST", { shortcut: byId("shortcut").value.trim(), version, texts });
  });
  byId("reply-archive")?.addEventListener("click", () => send("DELETE"));
})();
