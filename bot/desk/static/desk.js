// The desk's own script, on every page: sends forms to the API, menus.
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

  // For the other scripts, which come after this one.
  window.setuDesk = { call, tell, announce, csrf, byId, freshId, refresh };

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
    if (!form.dataset.api || form.id === "composer") return;
    event.preventDefault();
    act(form, fields(form));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-api]");
    if (button) act(button, button.dataset.body ? JSON.parse(button.dataset.body) : undefined);
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("change", async (event) => {
    if (event.target.matches("[data-locale]")) {
      await call("/api/desk/me", "PATCH", { locale: event.target.value });
      location.reload();
    }
  });
})();
