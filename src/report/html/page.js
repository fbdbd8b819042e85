"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const search = document.querySelector("#search");
  const verdict = document.querySelector("#verdict");
  const count = document.querySelector("#count");
  const switches = all(".tools button[data-severity]");
  const findings = all(".finding");
  const sources = all("tr[data-verdict]");
  const marks = all("mark[data-finding]");
  const text = new Map([...findings, ...sources].map((item) => [item, item.textContent.toLowerCase()]));

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const on = new Set(switches.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.severity));
    const matches = (item) => words.every((word) => text.get(item).includes(word));
    for (const item of findings) item.hidden = !on.has(item.dataset.severity) || !matches(item);
    for (const item of sources) item.hidden = (verdict.value !== "" && item.dataset.verdict !== verdict.value) || !matches(item);
    const shown = new Set(findings.filter((item) => !item.hidden).map((item) => item.id));
    for (const mark of marks) mark.classList.toggle("off", !mark.dataset.finding.split(" ").some((id) => shown.has(id)));
    const narrowed = words.length > 0 || on.size < switches.length;
    for (const section of all("section.document")) {
      section.hidden = narrowed && !all(".finding", section).some((item) => !item.hidden);
    }
    count.textContent = `${shown.size} of ${findings.length} findings, ${sources.filter((item) => !item.hidden).length} of ${sources.length} sources`;
  };

  const show = (finding) => {
    for (const item of all(".here")) item.classList.remove("here");
    finding.classList.add("here");
    const own = marks.filter((mark) => mark.dataset.finding.split(" ").includes(finding.id));
    for (const mark of own) mark.classList.add("here");
    if (own.length > 0) own[0].scrollIntoView({ block: "center" });
    finding.scrollIntoView({ block: "nearest" });
    finding.focus({ preventScroll: true });
  };

  const step = (by) => {
    const shown = findings.filter((item) => !item.hidden);
    if (shown.length === 0) return;
    const at = shown.findIndex((item) => item.classList.contains("here"));
    show(shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : (at + by + shown.length) % shown.length]);
  };

  search.addEventListener("input", apply);
  verdict.addEventListener("change", apply);
  for (const one of switches) {
    one.addEventListener("click", () => {
      one.setAttribute("aria-pressed", String(one.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  for (const mark of marks) {
    const go = () => {
      const finding = mark.dataset.finding.split(" ").map((id) => document.getElementById(id)).find((item) => item && !item.hidden);
      if (finding) show(finding);
    };
    mark.addEventListener("click", go);
    mark.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); });
  }
  for (const finding of findings) {
    finding.addEventListener("click", (event) => { if (!event.target.closest("a, summary")) show(finding); });
    finding.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === finding) show(finding); });
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === "Escape" && typing) { search.value = ""; verdict.value = ""; event.target.blur(); apply(); }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
  });
  apply();
})();
