/* Fills the sign-up form's hidden time zone with the browser's, and offers it where one is chosen. */
const browsers = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
for (const field of document.querySelectorAll("input[name=timezone][type=hidden]")) {
  field.value ||= browsers;
}
for (const field of document.querySelectorAll("input[name=timezone][list]")) {
  field.addEventListener("focus", () => field.select()); // typing begins a new search
  if (browsers && browsers !== field.value) {
    const offer = document.createElement("button");
    offer.type = "button";
    offer.className = "button button-small button-secondary cs-zone-offer";
    offer.textContent = field.dataset.offer.replace("{zone}", browsers);
    offer.addEventListener("click", () => { field.value = browsers; offer.remove(); });
    field.after(offer);
  }
}
