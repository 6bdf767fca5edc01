// Keys: the shortcuts of the desk and their sheet. The agent chooses single keys, keys with Alt, or
// none (WCAG 2.1.4); none of them fires while somebody types.
"use strict";
(() => {
  const { byId } = window.setuDesk;
  const mode = document.body.dataset.shortcuts;
  const typing = (target) => target.closest?.("input, textarea, select, dialog, [contenteditable]");

  /** The shortcut that a key press is, as its Latin letter; nothing while typing or switched off. */
  function shortcut(event) {
    if (mode === "off" || typing(event.target) || event.isComposing || event.defaultPrevented) return "";
    if (event.ctrlKey || event.metaKey || event.altKey !== (mode === "alt")) return "";
    const key = event.key.toLowerCase();
    if (key === "?" || key === "/" || (mode !== "alt" && /^[a-z]$/.test(key))) return key;
    // By place on the keyboard: with Alt, and on a keyboard of another script, the letter is another.
    if (/^Key[A-Z]$/.test(event.code)) return event.code[3].toLowerCase();
    return event.code === "Slash" ? (event.shiftKey ? "?" : "/") : "";
  }

  /** Focus another conversation of the list; 0: the one that is open. */
  function step(by) {
    const links = [...document.querySelectorAll(".rows a.row")];
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const from = at >= 0 ? at : links.findIndex((link) => link.getAttribute("aria-current"));
    const to = from < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, from + by));
    links[to].focus();
  }

  function write(asNote) {
    const note = byId("as-note");
    if (note && note.checked !== asNote) note.click();
    byId("text")?.focus();
  }

  Object.assign(window.setuDesk, { shortcut, step });
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    t: () => byId("claim")?.click(),
    r: () => write(false),
    n: () => write(true),
    e: () => byId("resolve")?.click(),
    "?": () => byId("keys")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      return;
    }
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const inRows = event.target.closest?.(".rows") || event.target === document.body;
    if (arrow && inRows && !event.ctrlKey && !event.metaKey && !event.altKey) step(arrow);
    else {
      const does = keys[shortcut(event)];
      if (!does) return;
      does();
    }
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) byId("keys").showModal();
  });
})();
