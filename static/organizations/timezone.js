/* Fills the sign-up form's hidden time zone with the browser's. */
for (const field of document.querySelectorAll("input[name=timezone][type=hidden]")) {
  field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}
