// What the pages do more with JavaScript; each of them works without.
"use strict";
// A refusal is read out and reached at once.
document.querySelector(".refused")?.focus();
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
