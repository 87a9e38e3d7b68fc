/*
 * What the preview cannot say in markup alone: the switch between light and
 * dark, remembered for this browser, and where a cropped picture is looked at.
 */
(() => {
  for (const picture of document.querySelectorAll("img[data-position]")) {
    picture.style.objectPosition = picture.dataset.position;
  }

  const key = "content-studio-preview-theme";
  const apply = (theme) => {
    document.documentElement.style.colorScheme = theme === "auto" ? "light dark" : theme;
  };
  let theme = "auto";
  try {
    theme = localStorage.getItem(key) || "auto";
  } catch {
    /* Without storage the choice lasts as long as the page. */
  }
  apply(theme);
  const chosen = document.querySelector(`.cs-stage__theme [value="${theme}"]`);
  if (chosen) chosen.checked = true;
  document.querySelector(".cs-stage__theme")?.addEventListener("change", (event) => {
    apply(event.target.value);
    try {
      localStorage.setItem(key, event.target.value);
    } catch {
      /* as above */
    }
  });
})();
