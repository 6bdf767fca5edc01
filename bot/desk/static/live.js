// The desk's live side: hints from the server, the list's filter, the count in the title.
"use strict";
(() => {
  const { byId, refresh, tell } = window.setuDesk;
  const { body } = document;

  // Whether the client types: a part that was drawn before we heard of it may arrive after it.
  let typing = null;
  function shown() {
    const line = byId("typing");
    if (line && typing !== null) line.hidden = !typing;
  }
  document.addEventListener("htmx:after:swap", shown);

  // Hints. EventSource reconnects by itself; what was missed in between is fetched at once.
  function listen() {
    const chat = body.dataset.conversation;
    const source = new EventSource(`/api/desk/events${chat ? `?conversation=${chat}` : ""}`);
    let lost = false;
    let hinted = 0;
    let fetched = 0;
    // Always: what came between the page and the stream's first look would not be told of.
    // Who types is told after it, if anybody does: whoever typed when the stream was lost may not.
    source.addEventListener("ready", () => {
      if (lost) { lost = false; tell(""); }
      typing = false;
      shown();
      refresh();
    });
    source.addEventListener("changed", (event) => {
      const { conversations } = JSON.parse(event.data);
      // The open conversation first, the list after it; a burst of hints fetches the list once.
      const both = conversations.includes(chat);
      if (both) htmx.trigger(body, "deskwork");
      const wait = Math.max(both ? 80 : 0, fetched + 250 - performance.now());
      hinted ||= setTimeout(() => { hinted = 0; fetched = performance.now(); htmx.trigger(body, "deskqueue"); }, wait);
    });
    source.addEventListener("typing", (event) => {
      typing = JSON.parse(event.data).typing;
      shown();
      window.setuDesk.toEnd?.();
    });
    source.addEventListener("ping", () => body.dispatchEvent(new Event("setu:ping")));
    source.addEventListener("signed_out", () => location.assign("/desk/login"));
    source.addEventListener("error", () => {
      lost = true;
      tell(body.dataset.offline, true);
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(listen, 5000); }
    });
    addEventListener("pagehide", () => source.close());
  }

  // The list's filter stands in its form, which goes with every request for the list; the page's
  // address follows, so that a reload and the links in the list keep it.
  function filtered() {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(byId("filter")))
      if (value && name !== "c" && name !== "rows") query.set(name, value);
    history.replaceState(null, "", `${location.pathname}?${query}`);
    htmx.trigger(body, "deskqueue");
  }
  document.addEventListener("change", ({ target }) => {
    if (target.form?.id === "filter") filtered();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "filter") event.preventDefault();
  });
  document.addEventListener("click", ({ target }) => {
    if (target.id !== "more-rows") return;
    byId("rows").value = Number(byId("rows").value) + Number(target.dataset.by);
    htmx.trigger(body, "deskqueue");
  });

  // The filter is the reader's own while they use it; a language that is new in the list is added.
  function offered() {
    const chosen = byId("filter-lang");
    const known = new Set(Array.from(chosen.options, (option) => option.value));
    for (const option of byId("spoken").content.children)
      if (!known.has(option.value)) chosen.append(option.cloneNode(true));
  }

  function counted() {
    const { waiting, unread } = document.querySelector("[data-waiting]")?.dataset ?? {};
    const count = Number(waiting || 0) + Number(unread || 0);
    const title = document.title.replace(/^\(\d+\) /, "");
    if (byId("filter")) offered();
    document.title = count ? `(${count}) ${title}` : title;
  }
  document.addEventListener("htmx:after:swap", counted);
  counted();
  if ("live" in body.dataset) {
    listen();
    // Waiting times are words: they go on while nothing happens.
    setInterval(() => htmx.trigger(body, "deskqueue"), 30000);
  }
})();
