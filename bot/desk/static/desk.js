// The desk's own script: sends forms to the API, listens for hints, keys, drafts.
"use strict";
(() => {
  const body = document.body;
  const csrf = document.querySelector("meta[name=csrf]")?.content;
  const byId = (id) => document.getElementById(id);
  let told;
  const tell = (text, lasting = false) => {
    byId("alert").textContent = text;
    clearTimeout(told);
    if (text && !lasting) told = setTimeout(() => tell(""), 8000);
  };
  const announce = (text) => { byId("announce").textContent = text; };
  const refresh = () => { for (const name of ["deskqueue", "deskwork"]) htmx.trigger(body, name); };

  // crypto.randomUUID is missing on plain http, where a desk inside a house may well live.
  const freshId = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

  async function call(url, method, content) {
    const headers = { "Content-Type": "application/json", "Accept": "application/json" };
    if (csrf) headers["X-CSRF-Token"] = csrf;
    const answer = await fetch(url, { method, headers, body: content === undefined ? undefined : JSON.stringify(content) });
    if (answer.status === 401 && csrf) location.assign("/desk/login");
    if (!answer.ok) {
      const said = await answer.json().catch(() => null);
      throw Object.assign(new Error(said?.error?.message || body.dataset.failed), { code: said?.error?.code });
    }
    return answer.status === 204 ? null : answer.json();
  }

  // For the scripts of single pages, which come after this one.
  window.setuDesk = { call, tell, announce, csrf };

  function after(then, answer) {
    if (then === "page") location.assign(answer.page);
    else if (then === "refresh") refresh();
    else if (then === "reload") location.reload();
    else if (then) location.assign(then);
  }

  function fields(form) {
    const content = {};
    for (const [name, value] of new FormData(form)) {
      if (!form.querySelector(`[name="${name}"][data-list]`)) content[name] = value;
    }
    for (const box of form.querySelectorAll("[data-list]")) {
      content[box.name] ??= [];
      if (box.checked) content[box.name].push(box.value);
    }
    return content;
  }

  async function act(element, content) {
    if (element.dataset.busy) return;
    element.dataset.busy = "1";
    tell("");
    try {
      const answer = await call(element.dataset.api, element.dataset.method || "POST", content);
      element.closest("details")?.removeAttribute("open");
      after(element.dataset.then, answer);
    } catch (error) {
      tell(error instanceof TypeError ? body.dataset.failed : error.message);
      refresh();
    } finally {
      delete element.dataset.busy;
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "composer") { event.preventDefault(); send(form); return; }
    if (!form.dataset.api) return;
    event.preventDefault();
    act(form, fields(form));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-api]");
    if (button) act(button, button.dataset.body ? JSON.parse(button.dataset.body) : undefined);
    else if (event.target.id === "send-as-written") send(byId("composer"), true);
    else if (event.target.closest("[data-keys]")) byId("keys").showModal();
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("change", async (event) => {
    if (event.target.matches("[data-locale]")) {
      await call("/api/desk/me", "PATCH", { locale: event.target.value });
      location.reload();
    }
    if (event.target.id === "as-note") {
      const form = byId("composer");
      hidePreview();
      form.classList.toggle("private", event.target.checked);
      byId("send").textContent = event.target.checked ? form.dataset.noteLabel : form.dataset.label;
      byId("text").focus();
    }
  });

  // The composer: the id stays with the text until it has arrived, so that a retry is no double.
  let pending = null;
  const draftKey = (form) => `draft:${form.dataset.chat}`;
  async function send(form, asWritten = false) {
    const box = byId("text");
    const text = box.value;
    if (!text.trim() || form.dataset.busy) return;
    form.dataset.busy = "1";
    tell("");
    const asNote = byId("as-note").checked;
    if (pending?.text !== text) pending = { text, id: freshId() };
    try {
      const message = { id: pending.id, text };
      if (form.dataset.translate && !asNote) {
        if (preview?.text !== text && !(await translate(form, text))) return;
        message.translation = carried(asWritten);
      }
      await call(asNote ? form.dataset.noteApi : form.dataset.api, "POST", asNote ? { text } : message);
      pending = null;
      if (box.value === text) box.value = "";
      hidePreview();
      sessionStorage.removeItem(draftKey(form));
      stick = true;
      refresh();
    } catch (error) {
      tell(error instanceof TypeError ? body.dataset.failed : error.message);
      refresh();
    } finally {
      delete form.dataset.busy;
      box.focus();
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

  // The history stays at its end unless the reader has scrolled up.
  let stick = true;
  const history = () => byId("history");
  const toEnd = () => { const box = history(); if (box && stick) box.scrollTop = box.scrollHeight; };
  document.addEventListener("scroll", (event) => {
    const box = event.target;
    if (box.id === "history") stick = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  }, true);

  let newest = null;
  function arrived() {
    const messages = document.querySelectorAll("#thread > [data-author]");
    const last = messages[messages.length - 1];
    if (last && newest !== null && last.id !== newest && last.dataset.author === "client")
      announce(`${body.dataset.new}: ${last.querySelector(".text").textContent}`);
    newest = last?.id ?? "";
    const waiting = Number(document.querySelector("[data-waiting]")?.dataset.waiting || 0);
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = waiting ? `(${waiting}) ${title}` : title;
    toEnd();
  }
  document.addEventListener("htmx:after:swap", arrived);

  // Hints. EventSource reconnects by itself; what was missed in between is fetched at once.
  function listen() {
    const chat = body.dataset.conversation;
    const source = new EventSource(`/api/desk/events${chat ? `?conversation=${chat}` : ""}`);
    let lost = false;
    let hinted = 0;
    // Always: what came between the page and the stream's first look would not be told of.
    source.addEventListener("ready", () => { if (lost) { lost = false; tell(""); } refresh(); });
    source.addEventListener("changed", (event) => {
      const { conversations } = JSON.parse(event.data);
      // The open conversation first; a burst of hints fetches the list once.
      if (conversations.includes(chat)) htmx.trigger(body, "deskwork");
      hinted ||= setTimeout(() => { hinted = 0; htmx.trigger(body, "deskqueue"); }, 120);
    });
    source.addEventListener("typing", (event) => {
      const line = byId("typing");
      if (line) line.hidden = !JSON.parse(event.data).typing;
      toEnd();
    });
    source.addEventListener("signed_out", () => location.assign("/desk/login"));
    source.addEventListener("error", () => {
      lost = true;
      tell(body.dataset.offline, true);
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(listen, 5000); }
    });
    addEventListener("pagehide", () => source.close());
  }

  function step(by) {
    const links = [...document.querySelectorAll(".rows a.row")];
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const from = at >= 0 ? at : links.findIndex((link) => link.getAttribute("aria-current"));
    const to = from < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, from + by));
    links[to].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const box = byId("text");
    if (event.target === box) {
      if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        byId("composer").requestSubmit();
      } else if (event.key === "Escape" && preview) hidePreview();
      else if (event.key === "Escape") step(0) ?? box.blur();
      return;
    }
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      return;
    }
    if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    const inRows = event.target.closest?.(".rows") || event.target === body;
    if (event.key === "j" || (event.key === "ArrowDown" && inRows)) step(1);
    else if (event.key === "k" || (event.key === "ArrowUp" && inRows)) step(-1);
    else if (event.key === "c") byId("claim")?.click();
    else if (event.key === "r") box?.focus();
    else if (event.key === "e") byId("resolve")?.click();
    else if (event.key === "?") byId("keys")?.showModal();
    else return;
    event.preventDefault();
  });

  const form = byId("composer");
  if (form) {
    byId("text").value = sessionStorage.getItem(draftKey(form)) || "";
    byId("text").focus({ preventScroll: true });
  }
  arrived();
  if (history()) new ResizeObserver(toEnd).observe(history());
  if ("live" in body.dataset) {
    listen();
    // Waiting times are words: they go on while nothing happens.
    setInterval(() => htmx.trigger(body, "deskqueue"), 30000);
  }
})();
