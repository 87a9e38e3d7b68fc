/*
 * The bar of used tokens in the studio's headers. Whoever has had something
 * written tells the document of it (`content-studio:tokens`); the bar then asks
 * for itself again, and says so when a level is passed. It also looks when a tab
 * is opened again, because colleagues spend from the same tokens.
 */
(() => {
  const LEVELS = ["calm", "near", "full"];

  class UsageController extends window.StimulusModule.Controller {
    static values = { url: String, level: String, near: String, full: String };

    connect() {
      this.asked = Date.now();
    }

    seen() {
      if (document.visibilityState === "visible" && Date.now() - this.asked > 30_000) this.refresh();
    }

    async refresh() {
      this.asked = Date.now();
      try {
        const response = await fetch(this.urlValue, { headers: { "X-Requested-With": "XMLHttpRequest" } });
        if (!response.ok || response.redirected) return;
        const holder = document.createElement("template");
        holder.innerHTML = await response.text();
        const fresh = holder.content.querySelector('[data-controller="bl-usage"]');
        if (fresh) this.replace(fresh);
      } catch {
        // No connection: the figure stays as it was.
      }
    }

    replace(fresh) {
      const level = fresh.dataset.blUsageLevelValue;
      if (LEVELS.indexOf(level) > LEVELS.indexOf(this.levelValue)) {
        const text = fresh.dataset[level === "full" ? "blUsageFullValue" : "blUsageNearValue"];
        document.dispatchEvent(new CustomEvent("w-messages:add", { detail: { text, type: "warning" } }));
      }
      this.element.replaceWith(fresh);
    }
  }

  /* Where the days do not fit on the screen, the last one with something on it is in sight. */
  class PlotController extends window.StimulusModule.Controller {
    connect() {
      const last = [...this.element.querySelectorAll("rect")].pop();
      if (!last) return;
      const { left } = this.element.getBoundingClientRect();
      this.element.scrollLeft += last.getBoundingClientRect().right - left - this.element.clientWidth * 0.8;
    }
  }

  window.wagtail.app.register("bl-usage", UsageController);
  window.wagtail.app.register("bl-plot", PlotController);
})();
