/* How far an import has come; the page is loaded anew when it is over. */
(() => {
  const root = document.querySelector("[data-import-progress]");
  if (!root) return;
  const ask = async () => {
    try {
      const response = await fetch(root.dataset.importProgress);
      const { state, done, total } = await response.json();
      if (response.ok && state !== "running" && state !== "undoing") {
        window.location.reload();
        return;
      }
      if (response.ok) {
        root.querySelector("progress").value = done;
        root.querySelector("[data-import-count]").textContent = `${done} / ${total}`;
      }
    } catch {
      // Away for a moment: the next question tells.
    }
    setTimeout(ask, 1000);
  };
  ask();
})();
