/* The calendar. All times are wall-clock times of one zone, sent and shown without an offset:
   FullCalendar's "UTC" mode leaves them as they are, so no browser's own zone can shift them. */
(() => {
  const root = document.querySelector("[data-calendar]");
  if (!root || !window.FullCalendar) return;
  const filters = root.querySelector("[data-calendar-filters]");
  const zoneSelect = root.querySelector("[data-calendar-zone]");
  const error = root.querySelector("[data-calendar-error]");
  const dialog = root.querySelector("[data-calendar-dialog]");
  const text = root.dataset;
  const narrow = window.matchMedia("(max-width: 50rem)");

  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (mine && mine !== text.zone) zoneSelect.add(new Option(mine, mine));

  const fail = (message) => {
    error.textContent = message;
    error.hidden = !message;
  };

  /* What clocks in the chosen zone show now, without an offset. */
  const nowThere = () =>
    new Intl.DateTimeFormat("sv-SE", { timeZone: zoneSelect.value, dateStyle: "short", timeStyle: "medium" })
      .format(new Date())
      .replace(" ", "T");

  const part = (selector, value) => {
    dialog.querySelector(selector).textContent = value;
  };

  async function ask(url, options) {
    const response = await fetch(url, options);
    let answer = {};
    try {
      answer = await response.json();
    } catch {
      throw new Error(text.textFailed);
    }
    if (!response.ok) throw new Error(answer.message || text.textFailed);
    return answer;
  }

  const time = dialog.querySelector("[data-move-time]");
  const confirm = dialog.querySelector("[data-move-confirm]");
  let moving = null; // what the dialog asks about: the post's id, its time now, and how a drag is taken back
  let moved = ""; // the post that has the focus again once it is drawn in its new place

  const wall = (date) => date.toISOString().slice(0, 16);
  const moveData = () =>
    new URLSearchParams({ post: moving.id, local_time: time.value, timezone: zoneSelect.value });

  function say({ when = "", note = "", problem = "" }) {
    part("[data-move-when]", when);
    part("[data-move-note]", note);
    part("[data-move-error]", problem);
  }

  /* Asks before anything moves: a drag proposes the new time, the keyboard chooses it. */
  function askToMove(event, { now = event.start, revert = () => {} } = {}) {
    moving = { id: event.id, now: wall(now), revert };
    time.value = wall(event.start);
    part("[data-move-what]", event.title);
    say({});
    fail("");
    dialog.showModal();
    explain();
  }

  /* Says in words what the chosen time means: only what has been said can be confirmed. */
  async function explain() {
    const chosen = time.value;
    confirm.disabled = true;
    if (!chosen) {
      say({});
      return;
    }
    const isStill = () => moving && time.value === chosen;
    try {
      const meaning = await ask(`${text.moveUrl}?${moveData()}`);
      if (!isStill()) return;
      const note = [
        meaning.scheduled ? text.textScheduled : text.textWish,
        meaning.note,
        meaning.own && `${text.textOwn} ${meaning.own}`,
      ];
      say({ when: meaning.when, note: note.filter(Boolean).join(" "), problem: meaning.passed ? text.textPassed : "" });
      confirm.disabled = meaning.passed || chosen === moving.now;
    } catch (problem) {
      if (isStill()) say({ problem: problem.message });
    }
  }

  let pause;
  time.addEventListener("input", () => {
    confirm.disabled = true;
    clearTimeout(pause);
    pause = setTimeout(() => moving && explain(), 200);
  });

  dialog.querySelector("[data-move-form]").addEventListener("submit", async (submission) => {
    submission.preventDefault();
    const { id } = moving;
    confirm.disabled = true;
    try {
      const { when } = await ask(text.moveUrl, {
        method: "POST",
        body: moveData(),
        headers: { "X-CSRFToken": root.querySelector("[data-calendar-token]").value },
      });
      moving = null; // nothing to take back
      moved = id;
      dialog.close();
      document.dispatchEvent(
        new CustomEvent("w-messages:add", { detail: { text: `${text.textMoved} ${when}`, type: "success" } }),
      );
      calendar.refetchEvents();
    } catch (problem) {
      say({ problem: problem.message });
    }
  });
  dialog.querySelector("[data-move-leave]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    moving?.revert();
    moving = null;
  });

  /* Beside each entry that may move: what a drag does, for the keyboard and the thumb. */
  function moveButton(event, said) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "st-event__move";
    button.dataset.move = event.id;
    button.title = text.textMove;
    button.setAttribute("aria-label", `${text.textMove} ${said}`);
    button.innerHTML = '<svg class="icon" aria-hidden="true"><use href="#icon-calendar-alt"></use></svg>';
    button.addEventListener("click", () => askToMove(event));
    // FullCalendar would take it for the entry around it, or for the day behind it.
    for (const press of ["click", "mousedown", "touchstart"]) {
      button.addEventListener(press, (pressed) => pressed.stopPropagation(), { passive: true });
    }
    return button;
  }

  const calendar = new window.FullCalendar.Calendar(root.querySelector("[data-calendar-grid]"), {
    timeZone: "UTC",
    now: nowThere,
    locale: document.documentElement.lang || "en",
    initialView: narrow.matches ? "listAhead" : "dayGridMonth",
    headerToolbar: { start: "title", center: "", end: "dayGridMonth,timeGridWeek,listAhead today prev,next" },
    views: {
      listAhead: {
        type: "list", // from today on, not from the 1st
        duration: { days: 30 },
        buttonText: text.textList,
        listDayFormat: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
        listDaySideFormat: false,
      },
    },
    buttonText: { month: text.textMonth, week: text.textWeek, list: text.textList, today: text.textToday },
    height: "auto",
    firstDay: 1,
    nowIndicator: true,
    allDaySlot: false,
    eventMinHeight: 22,
    eventDisplay: "block",
    dayMaxEvents: 4,
    slotDuration: "00:30:00",
    scrollTime: "07:00:00",
    defaultTimedEventDuration: "00:30",
    eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    noEventsText: text.textEmpty,
    navLinks: true,
    events: async ({ start, end }) => {
      const query = new URLSearchParams(new FormData(filters));
      query.set("start", start.toISOString().slice(0, 16));
      query.set("end", end.toISOString().slice(0, 16));
      try {
        const { entries } = await ask(`${text.entriesUrl}?${query}`);
        fail("");
        return entries;
      } catch (problem) {
        fail(problem.message);
        throw problem;
      }
    },
    eventDidMount: ({ event, el, view, isMirror }) => {
      const { state, newer, networks, campaign, author, when } = event.extendedProps;
      const said = [event.title, state, newer, networks.join(", "), campaign, author, when].filter(Boolean).join(" · ");
      el.setAttribute("title", said);
      (el.querySelector("a") || el).setAttribute("aria-label", said);
      if (!event.startEditable || isMirror) return;
      const button = moveButton(event, event.title);
      if (view.type.startsWith("list")) el.querySelector(".st-event__line").after(button);
      else el.after(button);
    },
    eventWillUnmount: ({ el }) => {
      if (el.nextElementSibling?.matches(".st-event__move")) el.nextElementSibling.remove();
    },
    eventsSet: () => {
      requestAnimationFrame(() => {
        const button = moved && root.querySelector(`[data-move="${moved}"]`);
        if (button) button.focus();
        moved = "";
      });
    },
    eventContent: ({ event, timeText, view }) => {
      const line = document.createElement("span");
      line.className = "st-event__line";
      const networks = event.extendedProps.networks.join(", ");
      if (view.type.startsWith("list")) {
        const link = document.createElement("a");
        link.href = event.url;
        link.textContent = event.title;
        const more = document.createElement("span");
        more.className = "w-help-text";
        more.textContent = ` ${[event.extendedProps.state, networks].filter(Boolean).join(" · ")}`;
        line.append(link, more);
      } else {
        const time = document.createElement("strong");
        time.textContent = timeText;
        line.append(time, ` ${event.title}`);
      }
      return { domNodes: [line] };
    },
    /* Pictures on buttons that have a name already: not pictures without one. */
    datesSet: ({ view }) => {
      // A week is as high as a screen and opens at the hours at which people post; the others show all they have.
      const isWeek = view.type === "timeGridWeek";
      calendar.setOption("height", isWeek ? 700 : "auto");
      if (isWeek) requestAnimationFrame(() => calendar.scrollToTime("07:00:00"));
      for (const hours of root.querySelectorAll(".fc-timegrid .fc-scroller-liquid-absolute")) hours.tabIndex = 0;
      for (const icon of root.querySelectorAll(".fc-icon")) {
        icon.removeAttribute("role");
        icon.setAttribute("aria-hidden", "true");
      }
    },
    eventDrop: ({ event, oldEvent, revert }) => askToMove(event, { now: oldEvent.start, revert }),
    dateClick: ({ dateStr, allDay }) => {
      if (!text.addUrl) return;
      const planned = allDay ? `${dateStr.slice(0, 10)}T09:00` : dateStr.slice(0, 16);
      if (planned.slice(0, 10) >= nowThere().slice(0, 10)) {
        window.location.assign(`${text.addUrl}?planned=${encodeURIComponent(planned)}`);
      }
    },
  });
  calendar.render();
  // The buttons have names of their own; their arrows are no pictures to be read out.
  for (const icon of document.querySelectorAll(".fc-icon[role=img]")) {
    icon.removeAttribute("role");
    icon.setAttribute("aria-hidden", "true");
  }

  filters.addEventListener("change", () => {
    for (const group of filters.querySelectorAll(".st-filter")) {
      const count = group.querySelectorAll("input:checked").length;
      group.querySelector("[data-count]").textContent = count ? `(${count})` : "";
    }
    calendar.refetchEvents();
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    for (const open of filters.querySelectorAll("details[open]")) if (!open.contains(event.target)) open.open = false;
  });
})();
