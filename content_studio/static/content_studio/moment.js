/* Says under the form what the chosen wall-clock time means elsewhere, and whether a clock change touches it. */
(() => {
  const form = document.querySelector("[data-moment-url]");
  if (!form) return;
  const output = form.querySelector("[data-moment]");
  let last = "";
  const ask = async () => {
    const query = new URLSearchParams({
      local_time: form.elements.local_time.value,
      timezone: form.elements.timezone.value,
    }).toString();
    if (query === last) return;
    last = query;
    const response = await fetch(`${form.dataset.momentUrl}?${query}`);
    if (!response.ok || query !== last) return;
    const { text, note = "", passed } = await response.json();
    output.textContent = [text, note, passed ? form.dataset.momentPassed : ""].filter(Boolean).join(" — ");
  };
  form.addEventListener("change", ask);
  form.addEventListener("input", ask);
  setInterval(ask, 1000); // the date picker sets the value without an event
  ask();
})();
