// The pages about accounts: forms with numbers, lists and levels, and links that are shown once.
"use strict";
(() => {
  const { call, tell } = window.setuDesk;
  const dialog = document.getElementById("link");

  function content(form) {
    const found = Object.fromEntries(new FormData(form));
    if ("capacity" in found) found.capacity = Number(found.capacity);
    const skills = [...form.querySelectorAll("[name=skills]")];
    if (skills.length) found.skills = skills.filter((box) => box.checked).map((box) => box.value);
    const levels = form.querySelectorAll("[data-level]");
    if (levels.length) {
      found.languages = {};
      for (const box of levels) if (box.value !== "0") found.languages[box.dataset.level] = Number(box.value);
    }
    return found;
  }

  function show(link) {
    const text = document.getElementById("link-text");
    const mailed = document.getElementById("link-mailed");
    text.value = link.link;
    mailed.textContent = (link.mailed ? mailed.dataset.mailed : mailed.dataset.unmailed).replace("{email}", link.email);
    dialog.showModal();
    text.select();
  }

  async function act(element, url, method, body, then) {
    if (element.dataset.busy) return;
    element.dataset.busy = "1";
    tell("");
    try {
      then(await call(url, method, body));
    } catch (error) {
      tell(error instanceof TypeError ? document.body.dataset.failed : error.message);
    } finally {
      delete element.dataset.busy;
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.people) return;
    event.preventDefault();
    const said = form.querySelector(".said");
    if (said) said.textContent = "";
    act(form, form.dataset.people, form.dataset.method || "POST", content(form), (answer) => {
      if (answer?.link) { form.reset(); show(answer); }
      else if (form.dataset.then === "reload") location.reload();
      else if (said) said.textContent = form.dataset.says;
      if ("empty" in form.dataset) form.reset();
    });
  });

  document.addEventListener("click", (event) => {
    const maker = event.target.closest("button[data-link]");
    if (maker) act(maker, maker.dataset.link, "POST", undefined, show);
    const copier = event.target.closest("button[data-copy]");
    if (copier) {
      const text = document.getElementById("link-text");
      text.select();
      // The clipboard's own interface is missing on plain http.
      const done = () => { copier.textContent = copier.dataset.copied; };
      if (navigator.clipboard) navigator.clipboard.writeText(text.value).then(done, () => {});
      else if (document.execCommand("copy")) done();
    }
  });

  // What was made stands in the list when the link has been read.
  dialog?.addEventListener("close", () => location.reload());
})();
