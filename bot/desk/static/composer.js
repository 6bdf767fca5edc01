// Writing to a client: drafts, notes, the translation that is shown before it goes.
"use strict";
(() => {
  const { announce, byId, call, files, freshId, refresh, step, tell, toEnd } = window.setuDesk;
  const { body } = document;

  // The composer: the id stays with the text until it has arrived, so that a retry is no double.
  let pending = null;
  const draftKey = (form) => `draft:${form.dataset.chat}`;
  async function send(form, asWritten = false) {
    const box = byId("text");
    const text = box.value;
    const asNote = byId("as-note").checked;
    const attachments = asNote ? [] : files.ids();
    // A file that is on its way is waited for: Enter again sends both.
    if (!attachments || !(text.trim() || attachments.length) || form.dataset.busy) return;
    form.dataset.busy = "1";
    tell("");
    const whole = JSON.stringify([text, attachments]);
    if (pending?.whole !== whole) pending = { whole, id: freshId() };
    try {
      const message = { id: pending.id, text, attachments, ...(article && { article }) };
      if (form.dataset.translate && !asNote && text.trim()) {
        if (preview?.text !== text && !(await translate(form, text))) return;
        message.translation = carried(asWritten);
      }
      await call(asNote ? form.dataset.noteApi : form.dataset.api, "POST", asNote ? { text } : message);
      pending = null;
      if (box.value === text) box.value = "";
      if (!asNote) { files.clear(); article = null; }
      hidePreview();
      sessionStorage.removeItem(draftKey(form));
      toEnd(true);
      refresh();
    } catch (error) {
      tell(error instanceof TypeError ? body.dataset.failed : error.message);
      refresh();
    } finally {
      delete form.dataset.busy;
      // Whoever went elsewhere meanwhile types there: their keys must not land in the next message.
      if (document.activeElement === body || form.contains(document.activeElement)) box.focus();
    }
  }

  // What the client would get, shown before it goes. Enter again sends what is shown.
  let preview = null;
  function hidePreview() {
    preview = null;
    const box = byId("preview");
    if (box) box.hidden = true;
  }
  /** Whether the text may go at once: it is in the client's language. */
  async function translate(form, text) {
    const box = byId("preview");
    const about = byId("preview-about");
    about.textContent = box.dataset.busy;
    byId("preview-text").textContent = "";
    byId("send-translation").hidden = true;
    byId("send-as-written").hidden = true;
    box.hidden = false;
    let found;
    try {
      found = await call(form.dataset.translate, "POST", { conversation: form.dataset.chat, text });
    } catch (error) {
      hidePreview();
      throw error;
    }
    if (byId("text").value !== text) { hidePreview(); return false; }
    preview = { text, found };
    if (!found.needed) { box.hidden = true; return true; }
    const names = new Intl.DisplayNames([document.documentElement.lang], { type: "language" });
    about.textContent = found.text === null ? about.dataset.failed
      : about.dataset.about.replace("{language}", names.of(found.language)).replace("{name}", found.by);
    const shown = byId("preview-text");
    shown.textContent = found.text ?? "";
    shown.lang = found.language;
    byId("send-translation").hidden = found.text === null;
    byId("send-as-written").hidden = false;
    announce(`${about.textContent} ${shown.textContent}`);
    toEnd();
    return false;
  }
  /** What goes to the log of the shown translation: itself, that there was none, or nothing. */
  function carried(asWritten) {
    const { needed, source, language, text } = preview.found;
    return !needed || (asWritten && text !== null) ? undefined : { source, language, text };
  }

  let typed = 0;
  document.addEventListener("input", (event) => {
    if (event.target.id !== "text") return;
    const form = byId("composer");
    hidePreview();
    sessionStorage.setItem(draftKey(form), event.target.value);
    if (!byId("as-note").checked && Date.now() - typed > 3000) {
      typed = Date.now();
      call(`/api/desk/conversations/${form.dataset.chat}/typing`, "POST").catch(() => {});
    }
  });

  /** Put a text where the caret is, to be read and changed before it goes. */
  let article = null;
  function put(text, from) {
    const box = byId("text");
    const before = box.value.slice(0, box.selectionStart);
    box.setRangeText(before && !/\s$/.test(before) ? `\n${text}` : text, box.selectionStart, box.selectionEnd, "end");
    article = from;
    box.focus();
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "composer") return;
    event.preventDefault();
    send(event.target);
  });
  document.addEventListener("click", (event) => {
    if (event.target.id === "send-as-written") send(byId("composer"), true);
    const insert = event.target.closest("[data-insert]");
    if (insert && byId("text")) put(byId(insert.dataset.insert).textContent, insert.dataset.article);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "as-note") return;
    const form = byId("composer");
    hidePreview();
    form.classList.toggle("private", event.target.checked);
    byId("send").textContent = event.target.checked ? form.dataset.noteLabel : form.dataset.label;
    byId("text").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "text" || event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      byId("composer").requestSubmit();
    } else if (event.key === "Escape" && preview) hidePreview();
    else if (event.key === "Escape") step(0);
  });

  const form = byId("composer");
  if (form) {
    byId("text").value = sessionStorage.getItem(draftKey(form)) || "";
    byId("text").focus({ preventScroll: true });
  }
})();
