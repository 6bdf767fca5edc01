// Canned replies while writing: "/" opens a list that the keyboard drives.
"use strict";
(() => {
  const { announce, byId, call, tell } = window.setuDesk;
  // Looked up each time: a composer comes when a conversation becomes one's own.
  const form = () => byId("composer");
  const list = () => byId("canned");
  const box = () => byId("text");
  let replies = null;
  let shown = [];
  let at = 0;

  // What is being looked for: a word that begins with a slash, right before the caret.
  function wanted() {
    const before = box().value.slice(0, box().selectionStart);
    const found = /(?:^|\s)\/([^\s/]{0,40})$/.exec(before);
    return found && box().selectionStart === box().selectionEnd ? found[1].toLowerCase() : null;
  }

  function close() {
    list().hidden = true;
    shown = [];
    box().removeAttribute("aria-activedescendant");
  }

  function draw() {
    list().replaceChildren(...shown.map((reply, index) => {
      const option = document.createElement("li");
      option.id = `canned-${reply.id}`;
      option.role = "option";
      option.dataset.index = index;
      option.setAttribute("aria-selected", index === at);
      const name = document.createElement("kbd");
      name.textContent = `/${reply.shortcut}`;
      const text = document.createElement("span");
      text.textContent = reply.text;
      text.lang = reply.language;
      text.dir = "auto";
      option.append(name, text);
      if (reply.gloss) {
        const gloss = document.createElement("span");
        gloss.className = "quietly";
        gloss.lang = document.documentElement.lang;
        gloss.textContent = reply.gloss;
        option.append(gloss);
      }
      return option;
    }));
    list().hidden = !shown.length;
    const chosen = list().children[at];
    if (!chosen) return box().removeAttribute("aria-activedescendant");
    box().setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  async function look() {
    const word = wanted();
    if (word === null || byId("as-note").checked) return close();
    try {
      replies ??= (await call(`/api/desk/canned?conversation=${form().dataset.chat}`, "GET")).replies;
    } catch (error) {
      return tell(error instanceof TypeError ? document.body.dataset.failed : error.message);
    }
    const now = wanted();
    if (now === null) return close();
    const fits = ({ shortcut, text, gloss }) =>
      shortcut.includes(now) || text.toLowerCase().includes(now) || gloss?.toLowerCase().includes(now);
    const first = ({ shortcut }) => (shortcut.startsWith(now) ? 0 : 1);
    const before = shown.length;
    shown = replies.filter(fits).sort((a, b) => first(a) - first(b)).slice(0, 20);
    at = 0;
    draw();
    if (shown.length !== before) announce(list().dataset.found.replace("{count}", shown.length));
  }

  function take(reply) {
    const caret = box().selectionStart;
    const begin = box().value.slice(0, caret).lastIndexOf("/");
    close();
    box().setRangeText(reply.text, begin, caret, "end");
    box().focus();
    box().dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  function slash() {
    const text = box();
    text.focus();
    const before = text.value.slice(0, text.selectionStart);
    text.setRangeText(/(^|\s)$/.test(before) ? "/" : " /", text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  document.addEventListener("input", ({ target }) => { if (target === box()) look(); });
  document.addEventListener("focusout", ({ target }) => { if (shown.length && target === box()) close(); });
  // A press on the list must not take the focus from the text.
  document.addEventListener("mousedown", (event) => { if (event.target.closest("#canned")) event.preventDefault(); });
  document.addEventListener("click", ({ target }) => {
    const option = target.closest("#canned [role=option]");
    if (option) take(shown[Number(option.dataset.index)]);
    else if (target.closest("#open-canned")) slash();
  });
  // Before the composer's own keys: while the list is open, Enter takes and does not send.
  document.addEventListener("keydown", (event) => {
    if (event.target !== box() || !shown.length || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { at = (at + step + shown.length) % shown.length; draw(); }
    else if (event.key === "Enter" || event.key === "Tab") take(shown[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (!form() || window.setuDesk.shortcut(event) !== "/") return;
    event.preventDefault();
    slash();
  });
})();
