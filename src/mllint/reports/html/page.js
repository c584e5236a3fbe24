"use strict";
// Filters, folding, theme and printing. Without it the page is whole, merely unfiltered.
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filter");
  const items = [...document.querySelectorAll(".item")].map((element) => ({
    element,
    data: element.dataset,
    text: (element.textContent + " " + nameOf(element)).toLowerCase(),
  }));
  const findings = items.filter(({ element }) => element.classList.contains("finding"));
  const holders = [...document.querySelectorAll(".group, .part, .list")];

  // What the heading above a finding says belongs to it, too.
  function nameOf(element) {
    const group = element.closest(".group");
    return group ? group.querySelector("h3").textContent + group.querySelector(".title").textContent : "";
  }

  function ticked(name) {
    return new Set([...form.querySelectorAll(`[name=${name}]:checked`)].map((box) => box.value));
  }

  function wanted() {
    const words = byId("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    const path = byId("path").value.trim().toLowerCase();
    const category = byId("category").value;
    const severities = ticked("severity");
    const states = ticked("status");
    return ({ data, text }) =>
      (!data.severity || severities.has(data.severity)) &&
      states.has(data.status) &&
      (!category || data.category === category) &&
      (!path || data.path.toLowerCase().includes(path)) &&
      words.every((word) => text.includes(word));
  }

  function filter() {
    const shows = wanted();
    for (const item of items) item.element.hidden = !shows(item);
    for (const holder of holders) holder.hidden = !holder.querySelector(".item:not([hidden])");
    unfold();
    const left = (all) => all.filter(({ element }) => !element.hidden).length;
    const others = items.length - findings.length;
    byId("shown").value =
      `${left(findings)} of ${findings.length} findings shown` +
      (others ? `, ${left(items) - left(findings)} of ${others} other entries` : "");
  }

  // While something is sought, the lists of rules lie open.
  function unfold() {
    const sought = byId("q").value || byId("path").value || byId("category").value;
    for (const list of document.querySelectorAll(".list > details:not(.finding)")) {
      if (sought && !list.open) list.dataset.sought = "";
      if (sought || "sought" in list.dataset) list.open = Boolean(sought);
      if (!sought) delete list.dataset.sought;
    }
  }

  function refold() {
    const closed = document.querySelectorAll("details.finding:not([open])").length;
    byId("fold").textContent = closed ? "Unfold all" : "Fold all";
  }

  for (const kind of ["input", "change"]) form.addEventListener(kind, filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  byId("fold").addEventListener("click", (event) => {
    const open = event.target.textContent === "Unfold all";
    for (const one of document.querySelectorAll("details.finding")) one.open = open;
    refold();
  });
  document.addEventListener("toggle", refold, true);

  // A link to what is folded away, or filtered out, leads to it all the same.
  function reveal() {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      form.reset();
      filter();
    }
    const within = target.querySelector("details") || target;
    for (let at = within.closest("details"); at; at = at.parentElement.closest("details")) {
      at.open = true;
    }
    target.scrollIntoView();
  }
  addEventListener("hashchange", reveal);

  const theme = byId("theme");
  const root = document.documentElement;
  const dark = () =>
    (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const named = () => {
    theme.textContent = dark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", `${theme.textContent} colours`);
  };
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    named();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", named);

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });

  form.hidden = theme.hidden = false;
  named();
  filter();
  refold();
  reveal();
})();
