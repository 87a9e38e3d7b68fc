/*
 * Asks the server, shortly after each change, what the channels would say to
 * the post; shows the answer in the side panel and a counter below each text.
 * Nothing is counted here: there is one counter in the product.
 */
(() => {
  const PAUSE = 400; // milliseconds without a change before asking
  const TEXT = /^body-\d+-value-text$/;
  const OWN_TEXT = /^(body-\d+-value)-segments-\d+-value-text$/; // within what is different on one network
  const NEARLY = 0.9;

  class ChecksController extends window.StimulusModule.Controller {
    static targets = ["list", "stale"];
    static values = { url: String, over: String, left: String, label: String };

    connect() {
      this.form = document.querySelector("[data-edit-form]") || document.querySelector("form[data-controller~='w-unsaved']");
      if (!this.form) return;
      this.ask = this.ask.bind(this);
      this.later = this.later.bind(this);
      this.form.addEventListener("input", this.later);
      this.form.addEventListener("change", this.later);
      // Segments that are added, moved or removed, pictures that are chosen.
      this.watcher = new MutationObserver((changes) => {
        const ours = (node) => node.nodeType === 1 && node.closest?.(".ck-counters");
        if (changes.some((change) => !ours(change.target))) this.later();
      });
      this.watcher.observe(this.form, { subtree: true, childList: true, attributes: true, attributeFilter: ["value"] });
      const first = document.getElementById("cs-checks-first");
      if (first) this.show(JSON.parse(first.textContent));
    }

    disconnect() {
      clearTimeout(this.timer);
      this.asking?.abort();
      this.watcher?.disconnect();
      this.form?.removeEventListener("input", this.later);
      this.form?.removeEventListener("change", this.later);
    }

    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(this.ask, PAUSE);
    }

    async ask() {
      const data = new URLSearchParams();
      for (const [name, value] of new FormData(this.form)) {
        if (typeof value === "string") data.append(name, value);
      }
      if (data.toString() === this.asked) return;
      this.asked = data.toString();
      this.asking?.abort();
      this.asking = new AbortController();
      try {
        const answer = await fetch(this.urlValue, {
          method: "POST",
          body: data,
          signal: this.asking.signal,
          headers: { "X-CSRFToken": data.get("csrfmiddlewaretoken") || "" },
        });
        if (!answer.ok) throw new Error(answer.status);
        const checked = await answer.json();
        this.staleTarget.hidden = checked.readable;
        if (!checked.readable) return;
        this.listTarget.innerHTML = checked.html;
        this.show(checked);
      } catch (error) {
        if (error.name === "AbortError") return;
        this.asked = null; // ask again at the next change
        this.staleTarget.hidden = false;
      }
    }

    show({ problems, counters, own }) {
      const places = {};
      let place = 0;
      for (const text of this.texts()) {
        const [, override] = text.name.match(OWN_TEXT) || [];
        if (override) {
          const network = this.form.elements[`${override}-network`]?.value;
          places[network] = (places[network] ?? -1) + 1;
          this.count(text, own[network]?.[places[network]] || []);
        } else {
          this.count(text, counters[place] || []);
          place += 1;
        }
      }
      const badge = document.querySelector('[data-side-panel-toggle="checks"] [data-side-panel-toggle-counter]');
      if (badge) {
        badge.textContent = String(problems);
        badge.hidden = problems === 0;
      }
    }

    /* What one click can do about a finding: a suggestion by AI, a word to add, or the place where to look. */
    repair({ params: { how, segment, text: piece } }) {
      const own = this.texts().filter(({ name }) => TEXT.test(name));
      const text = own[Number(segment)] || own[0];
      if (!text) return;
      const task = (field, name) => field.parentElement.querySelector(`[data-cs-assist-task-param="${name}"]`);
      let target = text;
      if (how === "describe") {
        const alts = [...(text.closest("[data-streamfield-child]") || this.form).querySelectorAll('[name$="-value-alt"]')];
        target = alts.find((alt) => !alt.value.trim()) || alts[0] || text;
      }
      target.scrollIntoView({ block: "center" });
      target.focus();
      if (how === "append") {
        target.setSelectionRange(target.value.length, target.value.length);
        document.execCommand("insertText", false, `${/\s$/.test(target.value) || !target.value ? "" : " "}${piece}`);
      } else if (how === "shorten" || how === "rewrite") task(target, how)?.click();
    }

    /* The texts in their order on the page, without those in blocks that are about to be removed. */
    texts() {
      const removed = (name) =>
        [...name.matchAll(/-value/g)].some(({ index }) => this.form.elements[`${name.slice(0, index)}-deleted`]?.value === "1");
      return [...this.form.querySelectorAll("textarea")].filter(
        ({ name }) => (TEXT.test(name) || OWN_TEXT.test(name)) && !removed(name),
      );
    }

    count(text, counts) {
      let row = text.parentElement.querySelector(".ck-counters");
      if (!row) {
        row = document.createElement("ul");
        row.className = "ck-counters";
        row.setAttribute("aria-label", this.labelValue);
        text.after(row);
      }
      row.replaceChildren(...counts.map((count) => this.counter(count)));
    }

    counter({ network, value, limit, unit }) {
      const left = limit - value;
      const item = document.createElement("li");
      item.className = "ck-counter";
      if (left < 0) item.classList.add("ck-counter--over");
      else if (value > limit * NEARLY) item.classList.add("ck-counter--nearly");
      item.style.setProperty("--full", String(Math.min(1, value / limit)));
      const name = document.createElement("span");
      name.textContent = network;
      const number = document.createElement("span");
      number.className = "ck-counter__number";
      number.textContent = `${value} / ${limit}`;
      item.title = `${network}: ${Math.abs(left)} ${unit} ${left < 0 ? this.overValue : this.leftValue}`;
      item.append(name, number);
      return item;
    }
  }

  window.wagtail.app.register("cs-checks", ChecksController);
})();
