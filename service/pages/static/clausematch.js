// What the pages do more with JavaScript; each of them works without.
"use strict";
// A refusal is read out and reached at once.
document.querySelector(".refused")?.focus();
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
// A list that a person orders: drag by the handle; dropping sends the form as it then stands.
document.documentElement.classList.add("js");
for (const list of document.querySelectorAll("[data-sort]")) {
  let held = null;
  for (const handle of list.querySelectorAll("[data-handle]")) handle.draggable = true;
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest("tr");
    held.classList.add("held");
    event.dataTransfer.setDragImage(held, 0, 0);
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("tr");
    if (!held || !over) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    if (over !== held) over[event.clientY > box.top + box.height / 2 ? "after" : "before"](held);
  });
  list.addEventListener("dragend", () => {
    if (held) list.closest("form").requestSubmit(list.closest("form").querySelector("[name=moved]"));
    held = null;
  });
}
