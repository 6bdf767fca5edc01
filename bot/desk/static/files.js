// Files in the composer: chosen, pasted or dropped; sent on their own, then named in the message.
"use strict";
(() => {
  const { announce, byId, csrf, tell } = window.setuDesk;
  const MOST = 5;
  let files = []; // {key, file, id, request}
  let next = 0;

  const words = (key, values) =>
    byId("attach").dataset[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  function row(entry) {
    const item = document.createElement("li");
    item.dataset.key = entry.key;
    if (entry.file.type.startsWith("image/")) {
      const picture = document.createElement("img");
      picture.alt = "";
      const reader = new FileReader();
      reader.onload = () => { picture.src = reader.result; };
      reader.readAsDataURL(entry.file);
      item.append(picture);
    }
    const name = document.createElement("span");
    name.textContent = entry.file.name;
    name.dir = "auto";
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", words("uploading", { file: entry.file.name }));
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "quiet";
    remove.textContent = "×";
    remove.setAttribute("aria-label", words("remove", { file: entry.file.name }));
    remove.addEventListener("click", () => { drop(entry); byId("text").focus(); });
    item.append(name, progress, remove);
    return item;
  }

  function drop(entry) {
    entry.request.abort();
    files = files.filter((other) => other !== entry);
    document.querySelector(`#files [data-key="${entry.key}"]`)?.remove();
  }

  function add(chosen) {
    const button = byId("attach");
    if (!button) return;
    const limit = Number(button.dataset.limit);
    for (const file of chosen) {
      if (files.length >= MOST) return;
      if (file.size > limit) { tell(words("size", { size: Math.round(limit / 1048576) })); continue; }
      const entry = { key: next++, file, id: null, request: new XMLHttpRequest() };
      files.push(entry);
      byId("files").append(row(entry));
      send(entry, button.dataset.attach);
    }
  }

  function send(entry, url) {
    const { request, file } = entry;
    const failed = (message) => { drop(entry); tell(message || document.body.dataset.failed); };
    request.open("POST", `${url}?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const bar = document.querySelector(`#files [data-key="${entry.key}"] progress`);
      if (bar && total) bar.value = loaded / total;
    });
    request.addEventListener("error", () => failed());
    request.addEventListener("load", () => {
      if (request.status !== 201) return failed(request.response?.error?.message);
      entry.id = request.response.id;
      document.querySelector(`#files [data-key="${entry.key}"] progress`)?.remove();
      announce(words("attached", { file: request.response.name }));
    });
    request.send(file);
  }

  document.addEventListener("click", ({ target }) => { if (target.closest("#attach")) byId("file").click(); });
  document.addEventListener("change", ({ target }) => {
    if (target.id !== "file") return;
    add(target.files);
    target.value = "";
  });
  document.addEventListener("paste", (event) => {
    if (event.target.id !== "text" || !event.clipboardData?.files.length) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
  const carries = (event) => byId("attach") && event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    byId("composer").classList.add("dropping");
  });
  const over = () => byId("composer")?.classList.remove("dropping");
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(); });
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    over();
    add(event.dataTransfer.files);
  });

  window.setuDesk.files = {
    /** The ids of what is there; null while something is still on its way. */
    ids: () => (files.some(({ id }) => !id) ? null : files.map(({ id }) => id)),
    clear: () => { files = []; byId("files")?.replaceChildren(); },
  };
})();
