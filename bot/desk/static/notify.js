// Sound and notifications when somebody waits or writes: as each agent wishes, in each browser.
"use strict";
(() => {
  const { byId, tell } = window.setuDesk;
  const box = byId("notify");
  if (!box) return;
  const key = `notify:${box.dataset.agent}`;
  const read = () => { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } };
  const write = (wishes) => { try { localStorage.setItem(key, JSON.stringify(wishes)); } catch { /* for this page only */ } };
  let wishes = read();
  const sound = byId("notify-sound");
  const notice = byId("notify-notice");
  const allowed = () => "Notification" in window && Notification.permission === "granted";
  sound.checked = Boolean(wishes.sound);
  notice.checked = Boolean(wishes.notice) && allowed();

  // Browsers let a page sound only after somebody has touched it.
  let audio = null;
  const wake = () => { if (wishes.sound) (audio ??= new AudioContext()).resume(); };
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  function ring() {
    if (!audio || audio.state !== "running") return;
    [660, 880].forEach((pitch, nth) => {
      const tone = audio.createOscillator();
      const loud = audio.createGain();
      const begin = audio.currentTime + nth * 0.16;
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0.0001, begin);
      loud.gain.exponentialRampToValueAtTime(0.2, begin + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, begin + 0.15);
      tone.connect(loud).connect(audio.destination);
      tone.start(begin);
      tone.stop(begin + 0.16);
    });
  }

  sound.addEventListener("change", () => {
    wishes = { ...wishes, sound: sound.checked };
    write(wishes);
    wake();
    if (sound.checked) setTimeout(ring, 100);
  });
  notice.addEventListener("change", async () => {
    if (notice.checked && "Notification" in window && !allowed()) await Notification.requestPermission();
    if (notice.checked && !allowed()) { notice.checked = false; tell(box.dataset.denied); }
    wishes = { ...wishes, notice: notice.checked };
    write(wishes);
  });

  const counts = () => {
    // Nobody is called for a client whom they could not answer.
    const { answerable = 0, unread = 0 } = document.querySelector("[data-answerable]")?.dataset ?? {};
    return { waiting: Number(answerable), unread: Number(unread) };
  };
  let before = counts();
  document.addEventListener("htmx:after:swap", () => {
    const now = counts();
    const text = now.waiting > before.waiting ? box.dataset.waits : now.unread > before.unread ? box.dataset.writes : "";
    before = now;
    if (!text) return;
    if (wishes.sound) ring();
    if (wishes.notice && allowed() && !document.hasFocus()) {
      // What was written stays at the desk: a notification may be read by anybody who passes.
      const shown = new Notification(box.dataset.title, { body: text, tag: "setu" });
      shown.addEventListener("click", () => { window.focus(); shown.close(); });
    }
  });
})();
