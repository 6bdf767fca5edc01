// The knowledge pages: save, conflict, preview, probe, and texts that survive leaving the page.
"use strict";
(() => {
  const { call, tell, announce, csrf } = window.setuDesk;
  const byId = (id) => document.getElementById(id);
  const form = byId("kb");
  const fields = ["title", "body", "questions", "tags", "category"];
  const flash = "kb-flash";

  async function part(url, content, signal) {
    const headers = { "HX-Request": "true", "X-CSRF-Token": csrf };
    if (content) headers["Content-Type"] = "application/json";
    const answer = await fetch(url, { method: content ? "POST" : "GET", headers, signal, body: content && JSON.stringify(content) });
    if (answer.status === 401) location.assign("/desk/login");
    if (!answer.ok) throw new Error(document.body.dataset.failed);
    return answer.text();
  }

  // Runs what was asked for last, a moment after the typing stops; an older answer never lands.
  function settled(work, wait) {
    let timer, running;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        running?.abort();
        running = new AbortController();
        try {
          await work(running.signal);
        } catch (error) {
          if (error.name !== "AbortError") tell(document.body.dataset.failed);
        }
      }, wait);
    };
  }

  const said = sessionStorage.getItem(flash);
  if (said) {
    sessionStorage.removeItem(flash);
    tell(said);
    announce(said);
  }

  // Clients' wordings travel from the gaps to the article that they belong to.
  const wordingsKey = (path) => `kb-wordings:${path}`;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-kb-wordings]");
    if (!link) return;
    const language = link.dataset.language.split("-")[0];
    const own = JSON.parse(link.dataset.kbWordings).filter((one) => one.language.split("-")[0] === language);
    const url = new URL(link.href);
    sessionStorage.setItem(wordingsKey(url.pathname + url.search), JSON.stringify(own.map((one) => one.text)));
  });

  if (form) {
    const api = form.dataset.save;
    const draftKey = `kb-draft:${form.dataset.article}:${form.dataset.locale}`;
    const values = () => Object.fromEntries(fields.map((name) => [name, byId(name)?.value ?? ""]));
    const stored = () => JSON.stringify(values());
    const asLoaded = stored();
    let leaving = false;
    const changed = () => !leaving && stored() !== asLoaded;
    const keep = () => {
      if (stored() === asLoaded) sessionStorage.removeItem(draftKey);
      else sessionStorage.setItem(draftKey, JSON.stringify({ version: form.dataset.version, draft: form.dataset.draft, values: values() }));
    };
    const showBack = (text) => {
      byId("back-again").hidden = false;
      byId("back-again").firstElementChild.textContent = text;
      announce(text);
    };
    const done = (text, page, unsaved) => {
      leaving = true;
      if (unsaved) sessionStorage.setItem(draftKey, JSON.stringify(unsaved));
      else sessionStorage.removeItem(draftKey);
      sessionStorage.setItem(flash, text);
      location.assign(page);
    };

    async function refused(error) {
      if (error.code !== "conflict" || !byId("conflict-place")) { tell(error.message, true); return; }
      const { title, body, questions } = values();
      try {
        byId("conflict-place").innerHTML = await part(form.dataset.conflict, { locale: form.dataset.locale, version: Number(form.dataset.version), title, body, questions });
        tell("");
        byId("conflict").focus();
      } catch {
        tell(error.message, true);
      }
    }

    let busy = false;
    async function send(method, content, then, url = api) {
      if (busy) return;
      busy = true;
      tell("");
      try {
        const answer = await call(url, method, { locale: form.dataset.locale, version: Number(form.dataset.version), ...content });
        // A change of state leaves what is being typed alone, and it follows the new version.
        const unsaved = method === "PATCH" && changed() ? { version: answer.version, draft: form.dataset.draft, values: values() } : null;
        const saved = answer.draft && content.state === "draft" ? form.dataset.waits : form.dataset.saved;
        const stands = answer.state === "published" ? form.dataset.published : saved;
        const text = method === "DELETE" ? form.dataset.discarded : answer.message || stands;
        done(text, then || answer.page, unsaved);
      } catch (error) {
        if (error instanceof TypeError) tell(document.body.dataset.failed, true);
        else await refused(error);
      } finally {
        busy = false;
      }
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const state = event.submitter?.value || "draft";
      send("PUT", { ...values(), state, draft: form.dataset.draft, confirmed: byId("confirmed")?.checked ?? false, up_to_date: byId("up-to-date")?.checked ?? true });
    });

    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-kb-change]");
      if (button) send("PATCH", JSON.parse(button.dataset.kbChange), button.dataset.then);
      if (event.target.closest("[data-kb-drop]")) send("DELETE", { draft: form.dataset.draft });
      const machine = event.target.closest("[data-kb-machine]");
      if (machine) {
        const label = machine.textContent;
        machine.disabled = true;
        machine.textContent = machine.dataset.working;
        announce(machine.dataset.working);
        send("POST", { article: form.dataset.article, draft: form.dataset.draft }, null, machine.dataset.kbMachine).finally(() => {
          machine.disabled = false;
          machine.textContent = label;
        });
      }
      if (event.target.closest("[data-kb-discard]")) {
        leaving = true;
        sessionStorage.removeItem(draftKey);
        location.reload();
      }
      const kept = event.target.closest("[data-keep]");
      if (kept) {
        if (kept.dataset.keepDraft) form.dataset.draft = kept.dataset.keepDraft;
        else form.dataset.version = kept.dataset.keep;
        byId("conflict-place").replaceChildren();
        keep();
        tell(form.dataset.kept);
        byId("body").focus();
      }
      const theirs = event.target.closest("[data-theirs]");
      if (theirs) {
        leaving = true;
        sessionStorage.removeItem(draftKey);
        location.reload();
      }
    });

    if (byId("body")) {
      const preview = settled(async (signal) => {
        byId("kb-preview").innerHTML = await part("/desk/parts/knowledge/preview", { body: byId("body").value }, signal);
      }, 250);
      // Each wording as it stands here, saved or not: which published article would it lead to?
      const variants = settled(async (signal) => {
        const { title, questions } = values();
        const asked = { article: form.dataset.article, locale: form.dataset.locale, title, questions };
        byId("kb-variants").innerHTML = await part("/desk/parts/knowledge/variants", asked, signal);
      }, 600);
      form.addEventListener("input", (event) => {
        keep();
        if (event.target.id === "body") preview();
        if (event.target.matches("#title, #questions")) variants();
      });
      const before = JSON.parse(sessionStorage.getItem(draftKey) || "null");
      if (before && !byId("title").readOnly) {
        for (const name of fields) byId(name).value = before.values[name];
        // Saving goes on from the version it was typed over: what others did meanwhile is shown.
        form.dataset.version = before.version;
        form.dataset.draft = before.draft ?? "";
        showBack(form.dataset.restored);
        preview();
      }
      const key = wordingsKey(location.pathname + location.search);
      const brought = JSON.parse(sessionStorage.getItem(key) || "[]");
      sessionStorage.removeItem(key);
      if (brought.length) {
        const box = byId("questions");
        const there = box.value.split("\n").map((line) => line.trim()).filter(Boolean);
        box.value = [...new Set([...there, ...brought])].join("\n");
        keep();
        showBack(form.dataset.wordings);
        box.focus();
      }
      if (!byId("title").readOnly) variants();
      addEventListener("beforeunload", (event) => { if (changed()) event.preventDefault(); });
      document.addEventListener("keydown", (event) => {
        if ((event.ctrlKey || event.metaKey) && event.key === "s") {
          event.preventDefault();
          form.requestSubmit(form.querySelector("[data-keys-save]"));
        } else if (event.key === "Enter" && event.target.matches("#kb input")) {
          event.preventDefault(); // or the browser would press the first button, which publishes
        }
      });
    }
  }

  const probe = byId("probe");
  if (probe) {
    const ask = settled(async (signal) => {
      const asked = new URLSearchParams({ ...Object.fromEntries(new FormData(probe)), article: probe.dataset.article });
      byId("probe-result").innerHTML = await part(`/desk/parts/knowledge/probe?${asked}`, null, signal);
    }, 300);
    probe.addEventListener("input", ask);
    probe.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  }
})();
