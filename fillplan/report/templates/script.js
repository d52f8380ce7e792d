"use strict";
// Sorting and filtering of the tables; without script the page still shows everything.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const text = (row, column) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
  heads.forEach((head, column) => {
    const button = head.querySelector("button");
    if (!button) return;
    const numeric = "numeric" in head.dataset;
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const next = now ? (now === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", next);
      const sign = next === "ascending" ? 1 : -1;
      const compare = numeric ? (a, b) => a - b : (a, b) => a.localeCompare(b, undefined, { numeric: true });
      const rows = [...body.rows].map((row) => [text(row, column), row]);
      // unknown figures stay last in both directions
      rows.sort(([a], [b]) => (a === "" || b === "" ? (a === "") - (b === "") : sign * compare(a, b)));
      body.append(...rows.map(([, row]) => row));
    });
  });
}
for (const tools of document.querySelectorAll(".tools[data-for]")) {
  const body = document.getElementById(tools.dataset.for).tBodies[0];
  const search = tools.querySelector("input");
  const choice = tools.querySelector("select");
  const output = tools.querySelector("output");
  const rows = [...body.rows].map((row) => [row, [...row.cells].map((cell) => cell.innerText).join(" ").toLowerCase()]);
  // a word is looked for at the start of words: "de" shall find the region, not every "under"
  const starts = (content, word) => {
    for (let at = content.indexOf(word); at >= 0; at = content.indexOf(word, at + 1)) {
      if (at === 0 || !/[\p{L}\p{N}]/u.test(content[at - 1])) return true;
    }
    return false;
  };
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = choice ? choice.value : "";
    let shown = 0;
    for (const [row, content] of rows) {
      const fits = words.every((word) => starts(content, word)) && (!wanted || (row.dataset.tags ?? "").split(" ").includes(wanted));
      row.hidden = !fits;
      shown += fits;
    }
    output.textContent = shown === rows.length ? `${shown.toLocaleString("en")} rows` : `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
  };
  tools.hidden = false;
  search.addEventListener("input", apply);
  choice?.addEventListener("change", apply);
  apply();
}
const map = document.querySelector(".by-o");
for (const radio of document.querySelectorAll(".picker input")) {
  radio.addEventListener("change", () => { map.className = `map by-${radio.value}`; });
}
map?.addEventListener("click", (event) => {
  const tile = event.target.closest("[data-row]");
  if (tile) location.hash = tile.dataset.row;
});
