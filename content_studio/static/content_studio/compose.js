/* Writes a draft, or several variants, for each chosen network side by side, and shows each as it is written.
   Without this file the same form is answered by the server in one go. */
(() => {
  const root = document.querySelector("[data-compose]");
  if (!root || !window.ReadableStream) return;
  const form = root.querySelector("form");
  const results = root.querySelector("[data-compose-results]");
  const button = form.querySelector("button[type=submit]");
  const said = root.dataset;
  let enough = true; // tokens for another text

  const copy = (name) => root.querySelector(`[data-compose-${name}]`).content.firstElementChild.cloneNode(true);

  function groupFor(name) {
    const group = copy("group");
    group.querySelector(".st-drafts__network").textContent = name;
    results.append(group);
    return group.querySelector(".st-drafts__cards");
  }

  function cardFor(group, name) {
    const card = copy("card");
    card.querySelector(".st-draft__name").textContent = name;
    group.append(card);
    return card;
  }

  function show(card, { segments = [], status = "", failed = false }) {
    const text = card.querySelector(".st-draft__text");
    if (segments.length) {
      text.replaceChildren(
        ...segments.map((segment) => {
          const part = document.createElement("p");
          part.textContent = segment;
          return part;
        }),
      );
    }
    card.querySelector(".st-draft__status").textContent = status;
    card.classList.toggle("st-draft--failed", failed);
    card.classList.toggle("st-draft--busy", Boolean(status) && !failed);
  }

  const link = (href, label) => {
    const element = document.createElement("a");
    element.href = href;
    element.className = "button button-small";
    element.textContent = label;
    return element;
  };

  const press = (label, action, style = "") => {
    const element = document.createElement("button");
    element.type = "button";
    element.className = `button button-small ${style}`;
    element.textContent = label;
    element.addEventListener("click", () => action(element));
    return element;
  };

  const note = (text) => {
    const element = document.createElement("span");
    element.className = "w-help-text";
    element.textContent = text;
    return element;
  };

  async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      buffer += value;
      const parts = buffer.split("\n\n");
      buffer = parts.pop();
      for (const part of parts) {
        const data = part.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5)).join("");
        if (data) yield JSON.parse(data);
      }
    }
  }

  async function write(network, variant, card) {
    const foot = card.querySelector(".st-draft__foot");
    foot.replaceChildren();
    show(card, { status: form.elements.read_link?.checked && form.elements.link?.value ? said.reading : said.writing });
    const data = new FormData(form);
    data.set("networks", network);
    data.set("variant", variant);
    let finished = null;
    const fail = (message) => {
      show(card, { status: message, failed: true });
      foot.replaceChildren(press(said.again, () => write(network, variant, card), "button-secondary"));
    };
    try {
      const response = await fetch(said.streamUrl, { method: "POST", body: data });
      if (!response.ok || !response.headers.get("content-type")?.startsWith("text/event-stream")) throw new Error();
      for await (const event of events(response)) {
        if (event.kind === "error") {
          fail(event.message);
          return null;
        }
        if (event.kind === "done") finished = event;
        else show(card, { segments: event.segments, status: event.kind === "correcting" ? said.correcting : said.writing });
      }
    } catch {
      finished = null;
    }
    if (!finished) {
      fail(said.lost);
      return null;
    }
    show(card, { segments: finished.segments });
    foot.replaceChildren(next(finished, card), note(finished.counts.join(" · ")));
    if (finished.shortened) foot.append(note(said.shortened));
    const quota = root.querySelector("[data-compose-quota]");
    if (quota && finished.remaining !== null) {
      quota.textContent = [`${finished.remaining.toLocaleString(document.documentElement.lang)} ${said.left}`, finished.suffices ? "" : said.tooFew].filter(Boolean).join(": ");
      enough = finished.suffices;
    }
    document.dispatchEvent(new CustomEvent("content-studio:tokens"));
    return finished;
  }

  /* What to do with a finished text: open the draft that it is, or make it one. */
  function next(finished, card) {
    if (finished.edit_url) return link(finished.edit_url, said.open);
    return press(said.keep, async (pressed) => {
      pressed.disabled = true;
      try {
        const response = await fetch(finished.keep_url, {
          method: "POST",
          headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
        });
        const answer = await response.json();
        if (answer.problem) throw new Error(answer.problem);
        const open = link(answer.edit_url, said.open);
        pressed.replaceWith(open);
        open.focus();
        card.classList.add("st-draft--kept");
        card.querySelector(".st-draft__status").textContent = said.copied;
      } catch (error) {
        pressed.disabled = false;
        card.querySelector(".st-draft__status").textContent = error.message || said.lost;
      }
    });
  }

  form.addEventListener("submit", async (event) => {
    const chosen = [...form.querySelectorAll("input[name=networks]:checked")];
    const variants = Number(form.elements.variants.value) || 1;
    // The server says what is missing, or too much.
    if (!form.elements.prompt.value.trim() || !chosen.length || chosen.length * variants > Number(said.mostAtOnce)) return;
    event.preventDefault();
    button.disabled = true;
    results.replaceChildren();
    const jobs = chosen.flatMap((input) => {
      const name = input.closest("label")?.textContent.trim() || input.value;
      const group = groupFor(name);
      return Array.from({ length: variants }, (_, variant) =>
        write(input.value, variant, cardFor(group, variants > 1 ? `${said.variant} ${variant + 1}` : "")),
      );
    });
    if (window.matchMedia("(max-width: 50em)").matches) results.scrollIntoView({ behavior: "smooth" });
    const written = await Promise.all(jobs);
    button.disabled = !enough && written.every(Boolean); // what failed has given its tokens back
    if (written.length === 1 && written[0]?.edit_url) window.location.assign(written[0].edit_url);
    else results.querySelector("a, button")?.focus({ preventScroll: true });
  });

  /* A saved brief fills the form in; what it leaves open stays as it is. */
  form.elements.brief?.addEventListener("change", ({ target }) => {
    const brief = JSON.parse(document.getElementById("compose-briefs").textContent)[target.value];
    if (!brief) return;
    for (const name of ["prompt", "tone", "language", "voice"]) {
      if (brief[name] && form.elements[name]) form.elements[name].value = brief[name];
    }
    if (brief.networks.length) {
      for (const input of form.querySelectorAll("input[name=networks]")) input.checked = brief.networks.includes(input.value);
    }
    form.elements.prompt.focus();
  });
})();
