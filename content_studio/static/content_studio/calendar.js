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

  const moveData = (event) => ({
    post: event.id,
    local_time: event.start.toISOString().slice(0, 16),
    timezone: zoneSelect.value,
  });

  /* Asks before anything moves, and says in words what the new time is. */
  async function confirmMove({ event, revert }) {
    const data = moveData(event);
    let meaning;
    try {
      meaning = await ask(`${text.moveUrl}?${new URLSearchParams(data)}`);
    } catch (problem) {
      revert();
      fail(problem.message);
      return;
    }
    fail("");
    part("[data-move-what]", meaning.title);
    part("[data-move-when]", meaning.when);
    part(
      "[data-move-note]",
      [meaning.scheduled ? text.textScheduled : text.textWish, meaning.note, meaning.own && `${text.textOwn} ${meaning.own}`]
        .filter(Boolean)
        .join(" "),
    );
    part("[data-move-error]", meaning.passed ? text.textPassed : "");
    dialog.querySelector("[data-move-confirm]").disabled = meaning.passed;
    dialog.returnValue = "";
    dialog.addEventListener(
      "close",
      async () => {
        if (dialog.returnValue !== "move") {
          revert();
          return;
        }
        try {
          await ask(text.moveUrl, {
            method: "POST",
            body: new URLSearchParams(data),
            headers: { "X-CSRFToken": root.querySelector("[data-calendar-token]").value },
          });
          calendar.refetchEvents();
        } catch (problem) {
          revert();
          fail(problem.message);
        }
      },
      { once: true },
    );
    dialog.showModal();
  }

  const calendar = new window.FullCalendar.Calendar(root.querySelector("[data-calendar-grid]"), {
    timeZone: "UTC",
    now: nowThere,
    locale: document.documentElement.lang || "en",
    initialView: narrow.matches ? "listMonth" : "dayGridMonth",
    headerToolbar: { start: "title", center: "", end: "dayGridMonth,timeGridWeek,listMonth today prev,next" },
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
    eventDidMount: ({ event, el }) => {
      const { state, newer, networks, campaign, author, when } = event.extendedProps;
      const said = [event.title, state, newer, networks.join(", "), campaign, author, when].filter(Boolean).join(" · ");
      el.setAttribute("title", said);
      (el.querySelector("a") || el).setAttribute("aria-label", said);
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
    datesSet: () => {
      for (const icon of root.querySelectorAll(".fc-icon")) {
        icon.removeAttribute("role");
        icon.setAttribute("aria-hidden", "true");
      }
    },
    eventDrop: confirmMove,
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
  document.addEventListener("click", (event) => {
    for (const open of filters.querySelectorAll("details[open]")) if (!open.contains(event.target)) open.open = false;
  });
})();
