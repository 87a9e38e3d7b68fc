/*
 * Help beside each text of a post and each alternative text. What the server
 * suggests is shown as a difference; the text changes only when it is
 * accepted, as one step that the browser's undo takes back, also where it
 * becomes a thread.
 */
(() => {
  const TEXTS = 'textarea[name^="body-"][name$="-value-text"]';
  const ALTS = '[name^="body-"][name$="-value-alt"]';
  const SEPARATE = "\n\n";

  /* The stream of blocks in which a field stands, however deep, and the place of its block there. */
  function streamWith(block, field) {
    const place = block.children ? block.children.findIndex((child) => child.element.contains(field)) : -1;
    const inside = place < 0 ? Object.values(block.childBlocks || {}) : [block.children[place].block];
    for (const each of inside) {
      const deeper = streamWith(each, field);
      if (deeper) return deeper;
    }
    return place < 0 ? null : { stream: block, place };
  }

  class AssistController extends window.StimulusModule.Controller {
    static targets = [
      "menu", "tone", "language", "wish", "suggestion", "said", "difference", "options", "note", "decide", "accept",
      "undo",
    ];
    static values = { url: String, working: String, failed: String, shortened: String, spread: String };

    connect() {
      this.text = this.element.parentElement.querySelector("textarea, input[type='text'], input:not([type])");
      this.following = new AbortController();
      this.text.addEventListener("input", (event) => this.follow(event), { signal: this.following.signal });
    }

    disconnect() {
      this.asking?.abort();
      this.following.abort();
    }

    async ask({ params, currentTarget }) {
      this.asked = this.text.value;
      this.button = currentTarget;
      this.show({ said: this.workingValue });
      this.asking?.abort();
      this.asking = new AbortController();
      try {
        const response = await fetch(this.urlValue, {
          method: "POST",
          body: this.question(params),
          signal: this.asking.signal,
          headers: { "X-CSRFToken": this.text.form.elements.csrfmiddlewaretoken.value },
        });
        const answer = await response.json();
        if (answer.problem) this.show({ said: answer.problem });
        else {
          this.offer(answer);
          document.dispatchEvent(new CustomEvent("content-studio:tokens"));
        }
      } catch (error) {
        if (error.name !== "AbortError") this.show({ said: this.failedValue });
      }
    }

    question({ task, takes }) {
      const form = this.text.form;
      const said = new URLSearchParams({ task, text: this.asked });
      if (this.hasWishTarget) said.set("wish", this.wishTarget.value);
      if (takes === "tone") said.set("tone", this.toneTarget.value);
      if (takes === "language") said.set("language", this.languageTarget.value);
      for (const channel of form.querySelectorAll('[name="channels"]:checked, [name="channels"] option:checked')) {
        said.append("channels", channel.value);
      }
      if (task === "describe") {
        said.set("image", form.elements[this.text.name.replace(/-alt$/, "-image")]?.value || "");
        said.set("beside", form.elements[this.text.name.replace(/-value-media-.*$/, "-value-text")]?.value || "");
        said.set("language", form.elements.language?.value || "");
      }
      return said;
    }

    offer(answer) {
      const note = [answer.shortened ? this.shortenedValue : "", answer.cost, answer.notice].filter(Boolean).join(" ");
      if (!answer.replaces) {
        this.show({ note, options: answer.segments });
        this.choose = answer.task === "hashtags" ? this.append : this.prepend;
        return;
      }
      this.suggested = answer.segments;
      this.show({ note, difference: answer.difference, further: answer.segments.slice(1) });
      this.acceptTarget.focus();
    }

    show({ said = "", note = "", difference = null, further = [], options = null, thread = false }) {
      this.suggestionTarget.hidden = false;
      this.undoTarget.hidden = !thread;
      this.saidTarget.textContent = said;
      this.saidTarget.hidden = !said;
      this.noteTarget.textContent = note;
      this.noteTarget.hidden = !note;
      this.differenceTarget.hidden = this.decideTarget.hidden = difference === null;
      this.optionsTarget.hidden = options === null;
      this.differenceTarget.replaceChildren(
        ...(difference || []).map(([kind, text]) => this.piece(kind, text)),
        ...further.flatMap((text) => [document.createElement("hr"), this.piece("in", text)]),
      );
      this.optionsTarget.replaceChildren(...(options || []).map((text) => this.option(text)));
    }

    piece(kind, text) {
      const node = document.createElement({ out: "del", in: "ins" }[kind] || "span");
      node.textContent = text;
      return node;
    }

    option(text) {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button-small button-secondary";
      button.textContent = text;
      button.addEventListener("click", () => {
        this.choose(text);
        button.disabled = true;
      });
      item.append(button);
      return item;
    }

    /* A piece of the library, where the cursor is; hashtags and signatures stand apart from words. */
    insert({ params }) {
      const { selectionStart: start, value } = this.text;
      const piece = String(params.piece);
      const apart = start > 0 && !/\s/.test(value[start - 1]) ? (piece.includes("\n") || !piece.startsWith("#") ? SEPARATE : " ") : "";
      this.text.focus();
      if (!document.execCommand("insertText", false, apart + piece)) {
        this.text.setRangeText(apart + piece, start, this.text.selectionEnd, "end");
        this.text.dispatchEvent(new Event("input", { bubbles: true }));
      }
      this.close();
      this.text.focus();
    }

    append(text) {
      this.replace(`${this.text.value.trimEnd()} ${text}`.trimStart());
    }

    prepend(text) {
      this.replace(`${text}${SEPARATE}${this.text.value}`.trimEnd());
    }

    accept() {
      const [first, ...further] = this.suggested;
      const before = this.text.value;
      this.close();
      const added = this.spread(further);
      this.replace(first);
      if (!added.length) return;
      this.thread = { before, first, further, added };
      this.sayThread();
    }

    /* A thread: the further texts become segments of their own, after this one. Answers with their blocks. */
    spread(texts) {
      const { stream, place } = streamWith(document.getElementById("body-root").rootBlock, this.text);
      const empty = stream.blockDef.initialChildStates.segment;
      return texts.map((text, more) =>
        stream.insert({ type: "segment", value: { ...empty, text } }, place + more + 1, { animate: true }),
      );
    }

    sayThread() {
      this.show({ said: this.spreadValue.replace("{}", String(this.thread.further.length + 1)), thread: true });
    }

    /* The browser's undo knows of the first text alone: the other segments go and come back with it. */
    follow({ inputType = "" }) {
      if (!this.thread || !inputType.startsWith("history")) return;
      const { before, first, further, added } = this.thread;
      if (this.text.value === before) this.gather();
      else if (this.text.value === first && !added.length) {
        added.push(...this.spread(further));
        this.sayThread();
      }
    }

    undo() {
      this.replace(this.thread.before);
      this.gather();
    }

    /* What somebody has changed since in a segment of the thread is theirs, and stays. */
    gather() {
      this.thread.added.splice(0).forEach((segment, place) => {
        if (segment.block.getValue().text === this.thread.further[place]) segment.delete({ animate: true });
      });
      this.close();
    }

    refuse() {
      this.close();
      this.button?.focus();
    }

    close() {
      this.suggestionTarget.hidden = true;
      for (const menu of this.menuTargets) menu.open = false;
    }

    /* As if it had been typed: the browser's undo takes it back in one step, and the counters hear of it. */
    replace(text) {
      this.text.focus();
      this.text.select();
      if (!document.execCommand("insertText", false, text)) {
        this.text.value = text;
        this.text.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  }

  window.wagtail.app.register("cs-assist", AssistController);

  /* Segments and pictures come and go while a post is edited. */
  function furnish(root) {
    for (const [selector, piece] of [[TEXTS, "cs-assist-text"], [ALTS, "cs-assist-picture"]]) {
      const fields = [...root.querySelectorAll(selector)];
      if (root.matches(selector)) fields.push(root);
      for (const field of fields) {
        if (field.parentElement.querySelector(":scope > .as")) continue;
        field.parentElement.append(document.getElementById(piece).content.cloneNode(true));
      }
    }
  }

  function begin() {
    // Only posts have checks; other pages of the studio have bodies too.
    if (!document.querySelector('[data-controller~="cs-checks"]')) return;
    furnish(document.body);
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) if (node.nodeType === 1 && !node.matches(".as")) furnish(node);
      }
    }).observe(document.body, { childList: true, subtree: true });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
