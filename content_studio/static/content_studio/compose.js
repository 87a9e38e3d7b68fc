/* Writes one draft per chosen network, side by side, and shows each as it is written.
   Without this file the same form is answered by the server in one go. */
(() => {
  const root = document.querySelector("[data-compose]");
  if (!root || !window.ReadableStream) return;
  const form = root.querySelector("form");
  const results = root.querySelector("[data-compose-results]");
  const template = root.querySelector("[data-compose-card]");
  const button = form.querySelector("button[type=submit]");

  const cardFor = (name) => {
    const card = template.content.firstElementChild.cloneNode(true);
    card.querySelector(".st-draft__network").textContent = name;
    results.append(card);
    return card;
  };

  const show = (card, { segments = [], status = "", failed = false }) => {
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
  };

  const link = (href, label) => {
    const element = document.createElement("a");
    element.href = href;
    element.className = "button button-small";
    element.textContent = label;
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

  async function write(network, card) {
    const foot = card.querySelector(".st-draft__foot");
    foot.replaceChildren();
    show(card, { status: root.dataset.writing });
    const data = new FormData(form);
    data.delete("networks");
    data.append("networks", network);
    let finished = null;
    const fail = (message) => {
      show(card, { status: message, failed: true });
      const again = document.createElement("button");
      again.type = "button";
      again.className = "button button-small button-secondary";
      again.textContent = root.dataset.again;
      again.addEventListener("click", () => write(network, card));
      foot.replaceChildren(again);
    };
    try {
      const response = await fetch(root.dataset.streamUrl, { method: "POST", body: data });
      if (!response.ok || !response.headers.get("content-type")?.startsWith("text/event-stream")) throw new Error();
      for await (const event of events(response)) {
        if (event.kind === "error") {
          fail(event.message);
          return null;
        }
        if (event.kind === "done") finished = event;
        else show(card, { segments: event.segments, status: event.kind === "correcting" ? root.dataset.correcting : root.dataset.writing });
      }
    } catch {
      finished = null;
    }
    if (!finished) {
      fail(root.dataset.lost);
      return null;
    }
    show(card, { segments: finished.segments });
    foot.replaceChildren(link(finished.edit_url, root.dataset.open), note(finished.counts.join(" · ")));
    if (finished.shortened) foot.append(note(root.dataset.shortened));
    const quota = root.querySelector("[data-compose-quota]");
    if (quota && finished.remaining !== null) quota.textContent = `${finished.remaining} ${root.dataset.left}`;
    document.dispatchEvent(new CustomEvent("content-studio:tokens"));
    return finished;
  }

  form.addEventListener("submit", async (event) => {
    const chosen = [...form.querySelectorAll("input[name=networks]:checked")];
    if (!form.querySelector("[name=prompt]").value.trim() || !chosen.length) return; // the server says what is missing
    event.preventDefault();
    button.disabled = true;
    results.replaceChildren();
    const written = await Promise.all(
      chosen.map((input) => write(input.value, cardFor(input.closest("label")?.textContent.trim() || input.value))),
    );
    button.disabled = false;
    if (written.length === 1 && written[0]) window.location.assign(written[0].edit_url);
    else results.querySelector("a, button")?.focus();
  });
})();
