/*
 * Suggests members of the organization while somebody types “@” in a comment:
 * a list to choose from with arrow keys, Enter, Tab or the pointer. Without
 * this file a name that is typed out is understood as well.
 */
(() => {
  const BEGUN = /(?:^|[^\w@])@([^@\n]{0,40})$/u;
  const MOST = 6;
  let lists = 0;

  class MentionController extends window.StimulusModule.Controller {
    static values = { names: Array };

    connect() {
      this.text = this.element.querySelector("textarea");
      this.list = document.createElement("ul");
      this.list.id = `mentions-${(lists += 1)}`;
      this.list.className = "st-mentions";
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", "@");
      this.list.hidden = true;
      this.text.after(this.list);
      this.text.setAttribute("aria-autocomplete", "list");
      this.text.setAttribute("aria-controls", this.list.id);
      this.text.addEventListener("input", () => this.suggest());
      this.text.addEventListener("blur", () => this.close());
      this.text.addEventListener("keydown", (event) => this.pressed(event));
    }

    disconnect() {
      this.list.remove();
    }

    suggest() {
      const begun = BEGUN.exec(this.text.value.slice(0, this.text.selectionStart))?.[1].toLowerCase();
      const found =
        begun === undefined ? [] : this.namesValue.filter((name) => name.toLowerCase().startsWith(begun)).slice(0, MOST);
      this.begun = begun ?? "";
      this.list.replaceChildren(...found.map((name, index) => this.option(name, index)));
      this.list.hidden = !found.length;
      this.point(found.length ? 0 : -1);
    }

    option(name, index) {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${index}`;
      option.setAttribute("role", "option");
      option.textContent = name;
      // The pointer goes down before the text loses the focus.
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        this.choose(name);
      });
      return option;
    }

    point(index) {
      this.at = index;
      [...this.list.children].forEach((option, each) => option.setAttribute("aria-selected", String(each === index)));
      if (index >= 0) this.text.setAttribute("aria-activedescendant", this.list.children[index].id);
      else this.text.removeAttribute("aria-activedescendant");
    }

    pressed(event) {
      if (this.list.hidden) return;
      const count = this.list.children.length;
      if (event.key === "ArrowDown") this.point((this.at + 1) % count);
      else if (event.key === "ArrowUp") this.point((this.at + count - 1) % count);
      else if (event.key === "Enter" || event.key === "Tab") this.choose(this.list.children[this.at].textContent);
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
    }

    choose(name) {
      const end = this.text.selectionStart;
      this.text.setRangeText(`${name} `, end - this.begun.length, end, "end");
      this.close();
    }

    close() {
      this.list.hidden = true;
      this.point(-1);
    }
  }

  window.wagtail.app.register("cs-mention", MentionController);
})();
