/* The bar under the list of posts: shown while posts are chosen, and says how many. The list may be
   replaced under it by a search, so everything is asked anew. */
(() => {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const boxes = () => [...document.querySelectorAll("[data-bulk-one]")];
  const show = () => {
    const all = boxes();
    const chosen = all.filter((box) => box.checked).length;
    bar.hidden = !chosen;
    bar.querySelector("[data-bulk-count]").textContent = chosen;
    const head = document.querySelector("[data-bulk-all]");
    if (head) {
      head.checked = chosen > 0 && chosen === all.length;
      head.indeterminate = chosen > 0 && chosen < all.length;
    }
  };
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-bulk-all]")) for (const box of boxes()) box.checked = target.checked;
    if (target.matches("[data-bulk-all], [data-bulk-one]")) show();
  });
  new MutationObserver(show).observe(document.querySelector("#listing-results"), { childList: true });
  window.addEventListener("pageshow", show); // the browser remembers what was chosen
  show();
})();
