// The settings page: two kinds of forms, sent as JSON; rows of hours and free days come and go.
"use strict";
(() => {
  const { call, tell, announce } = window.setuDesk;
  const saved = document.body.dataset.saved;

  async function sent(form, work) {
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    tell("");
    try {
      await work();
      return true;
    } catch (error) {
      tell(error instanceof TypeError ? document.body.dataset.failed : error.message);
      return false;
    } finally {
      delete form.dataset.busy;
    }
  }

  const office = document.getElementById("office");
  office.addEventListener("submit", async (event) => {
    event.preventDefault();
    const settings = {};
    for (const field of office.elements) {
      if (!field.name) continue;
      settings[field.name] = field.type === "checkbox" ? field.checked : Number(field.value);
    }
    if (await sent(office, () => call("/api/desk/settings", "PATCH", { settings }))) {
      tell(saved);
      announce(saved);
    }
  });

  const value = (row, name) => row.querySelector(`[data-${name}]`).value;
  function hours(form) {
    const { name, time_zone, languages } = form.elements;
    const boxes = languages ? [languages].flat().flatMap((one) => (one.length ? [...one] : [one])) : [];
    return {
      name: name.value,
      time_zone: time_zone.value,
      languages: boxes.filter((box) => box.checked).map((box) => box.value),
      week: [...form.querySelectorAll("[data-intervals]")].map((day) =>
        [...day.children].map((row) => [value(row, "opens"), value(row, "closes")])),
      free_days: [...form.querySelectorAll("[data-free] > li")].map((row) => ({
        day: value(row, "day"),
        name: value(row, "name"),
      })),
    };
  }

  const shut = (day) => {
    const none = !day.querySelector("[data-intervals]").children.length;
    day.querySelector(".shut").hidden = !none;
  };

  for (const form of document.querySelectorAll("form.team")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const team = form.dataset.team;
      const url = `/api/desk/settings/teams${team ? `/${team}` : ""}`;
      if (await sent(form, () => call(url, team ? "PUT" : "POST", hours(form)))) location.reload();
    });
    form.addEventListener("click", async (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.add === "interval") {
        const day = button.closest(".day-of-week");
        const list = day.querySelector("[data-intervals]");
        list.append(day.querySelector("template").content.cloneNode(true));
        list.lastElementChild.querySelector("input").focus();
        shut(day);
      } else if (button.dataset.add === "free") {
        const list = form.querySelector("[data-free]");
        list.append(form.querySelector("template[data-free-day]").content.cloneNode(true));
        list.lastElementChild.querySelector("input").focus();
      } else if ("remove" in button.dataset) {
        const row = button.closest("li");
        const day = row.closest(".day-of-week");
        const next = (row.nextElementSibling || row.previousElementSibling)?.querySelector("input")
          || (day || form).querySelector("[data-add]");
        row.remove();
        if (day) shut(day);
        next?.focus();
      } else if ("removeTeam" in button.dataset) {
        const url = `/api/desk/settings/teams/${form.dataset.team}`;
        if (await sent(form, () => call(url, "DELETE"))) location.reload();
      }
    });
  }
})();
