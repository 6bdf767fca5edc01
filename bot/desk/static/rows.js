// The list's rows: only those come that this page does not have; the others are empty and stay.
"use strict";
(() => {
  const MOST = 600; // marks in a header
  const list = () => document.getElementById("listed");

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.id !== "queue") return;
    const marks = Array.from(list()?.children ?? [], (row) => row.dataset.mark).slice(0, MOST);
    ctx.request.headers["Setu-Rows"] = [document.querySelector("[data-version]").dataset.version, ...marks].join(",");
  });

  // Within a row its link stays, so that it keeps the focus.
  function changed(row, fresh) {
    const link = row.firstElementChild;
    const { attributes, childNodes } = fresh.firstElementChild;
    for (const { name } of Array.from(link.attributes)) if (!(name in attributes)) link.removeAttribute(name);
    for (const { name, value } of attributes) if (link.getAttribute(name) !== value) link.setAttribute(name, value);
    link.replaceChildren(...childNodes);
    row.dataset.mark = fresh.dataset.mark;
  }

  function put(row, before) {
    const rows = list();
    if (row.isConnected && rows.moveBefore) return rows.moveBefore(row, before);
    const focused = row.contains(document.activeElement) && document.activeElement;
    rows.insertBefore(row, before);
    if (focused) focused.focus({ preventScroll: true });
  }

  function patch(wanted) {
    const rows = list();
    const known = new Map(Array.from(rows.children, (row) => [row.id, row]));
    const stay = new Set(wanted.map((row) => row.id));
    for (const [id, row] of known) if (!stay.has(id)) row.remove();
    let at = rows.firstElementChild;
    for (const fresh of wanted) {
      const row = known.get(fresh.id);
      if (row && "mark" in fresh.dataset) changed(row, fresh);
      if (row && row === at) at = at.nextElementSibling;
      else put(row ?? fresh, at);
    }
  }

  // htmx leaves the list as it is (hx-morph-skip) and brings what stands around it up to date.
  document.addEventListener("htmx:before:swap", ({ detail }) => {
    if (detail.ctx.sourceElement.id !== "queue" || !list()) return;
    const fresh = detail.tasks.map((task) => task.fragment?.querySelector?.("#listed")).find(Boolean);
    if (!fresh) return;
    patch(Array.from(fresh.children));
    fresh.replaceChildren();
  });
})();
