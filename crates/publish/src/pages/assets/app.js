"use strict";
// Search and filters, and the keys: `/` goes to the search, arrows walk through what was found, Esc clears.
(() => {
  const site = window.seaworthy;
  const { make, links } = site;
  const STEP = 100;
  const table = document.querySelector("table[data-rows]");
  const count = document.querySelector("[data-count]");
  const none = document.querySelector("[data-none]");
  const box = table && table.closest(".scroll");
  const clean = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  for (const part of document.querySelectorAll(".js[hidden]")) part.hidden = false;

  const label = (form, name, value) => {
    const option = Array.from(form.elements[name].options).find((o) => o.value === value);
    return option ? option.text : value;
  };

  let asked = 0;
  /** Says of a package that was searched and not found whether it is shipped: words that are one name. */
  async function said(words) {
    const place = document.querySelector("[data-unadvised]");
    const mine = (asked += 1);
    if (!place) return;
    place.hidden = true;
    if (words.length !== 1) return;
    const known = await site.shipped();
    if (mine !== asked || !known || !known.has(words[0])) return;
    place.textContent = site.unadvised(words[0], known);
    place.hidden = false;
  }

  function searchAll(form) {
    const original = table ? Array.from(table.tBodies[0].rows) : [];
    const message = count.textContent;
    const more = document.querySelector("[data-more]");
    let shown = STEP;
    let turn = 0;

    const state = () => ({
      q: form.elements.q.value.trim(),
      status: form.elements.status.value,
      severity: form.elements.severity.value,
      year: form.elements.year.value,
      exploited: form.elements.exploited.checked ? "1" : "",
    });

    function row(r, at) {
      const cell = (name, ...children) => make("td", { "data-label": name }, ...children);
      const marks = r.exploited ? [" ", make("span", { class: "exploited" }, "exploited")] : [];
      return make("tr", {},
        cell("CVE", links.cve(r.cve), ...marks),
        cell("Package", links.package(r.package)),
        cell("Status", make("span", { class: `badge s-${r.status}` }, label(form, "status", r.status))),
        cell("Fix", ...fix(r, at)),
        cell("Severity", make("span", { class: `sev v-${r.severity}` }, label(form, "severity", r.severity))),
        cell("Advisory", links.advisory(r.id)),
        cell("Changed", make("time", { datetime: r.changed }, r.changed)));
    }

    function fix(r, at) {
      const day = r.day && make("time", { datetime: r.day }, r.day);
      switch (r.status) {
        case "fixed": return ["in ", make("span", { class: "version" }, r.version), " and newer"];
        case "affected": return !day ? ["no date promised"] : r.day < at ? ["was promised by ", day, ", late"] : ["promised by ", day];
        case "deferred": return day ? ["until ", day] : ["no date set"];
        case "will_not_fix": return ["every version is affected"];
        case "not_shipped": return ["every version that was shipped is affected"];
        case "not_affected": return [r.why];
        case "under_investigation": return ["not known yet"];
        default: return ["the record was rejected"];
      }
    }

    async function apply() {
      const now = state();
      const mine = (turn += 1);
      if (!table) return;
      if (!Object.values(now).some(Boolean)) {
        table.tBodies[0].replaceChildren(...original);
        count.textContent = message;
        none.hidden = true;
        said([]);
        box.hidden = more.hidden = false;
        more.hidden = true;
        return;
      }
      const known = await site.all();
      if (mine !== turn) return;
      const words = clean(now.q);
      const found = known.rows.filter((r) => {
        if (now.status && r.status !== now.status) return false;
        if (now.severity && r.severity !== now.severity) return false;
        if (now.year && r.cve.split("-")[1] !== now.year) return false;
        if (now.exploited && !r.exploited) return false;
        r.text ||= `${r.id} ${r.cve} ${r.package} ${r.binaries.join(" ")}`.toLowerCase();
        return words.every((word) => r.text.includes(word));
      });
      const most = found.slice(0, shown);
      if (known.whole) {
        table.tBodies[0].replaceChildren(...most.map((r) => row(r, known.at)));
      } else {
        const ids = new Set(found.map((r) => r.id));
        table.tBodies[0].replaceChildren(...original.filter((tr) => ids.has(tr.dataset.id)));
      }
      const all = known.rows.length;
      count.textContent = `${found.length} of ${all} ${all === 1 ? "advisory matches" : "advisories match"}.` +
        (known.whole ? "" : " Only those on this page were searched: the list of all could not be loaded.");
      none.hidden = found.length > 0;
      box.hidden = found.length === 0;
      said(found.length === 0 && known.whole ? words : []);
      more.hidden = !known.whole || found.length <= shown;
    }

    function changed() {
      shown = STEP;
      site.hash.set(state());
      apply();
    }

    function restore() {
      const saved = site.hash.get();
      for (const name of ["q", "status", "severity", "year"]) form.elements[name].value = saved[name] || "";
      form.elements.exploited.checked = saved.exploited === "1";
      apply();
    }

    form.addEventListener("input", changed);
    form.addEventListener("reset", () => setTimeout(changed));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.clear = () => form.reset();
    more.addEventListener("click", async () => {
      const next = shown;
      shown += STEP;
      await apply();
      const row = table.tBodies[0].rows[next];
      if (row) row.querySelector("a").focus();
    });
    window.addEventListener("hashchange", () => location.hash.includes("=") && restore());
    if (Object.keys(site.hash.get()).length) restore();
  }

  function narrow(form) {
    const rows = table ? Array.from(table.tBodies[0].rows, (tr) => ({ tr, text: (tr.textContent + " " + (tr.dataset.binaries || "")).toLowerCase() })) : [];
    const field = form.elements.q;
    function apply() {
      const words = clean(field.value);
      let matches = 0;
      for (const { tr, text } of rows) {
        const hit = words.every((word) => text.includes(word));
        tr.hidden = !hit;
        matches += hit ? 1 : 0;
      }
      count.textContent = words.length ? `${matches} of ${rows.length} match.` : "";
      none.hidden = matches > 0;
      said(matches === 0 ? words : []);
      box.hidden = matches === 0;
    }
    field.addEventListener("input", () => {
      site.hash.set({ q: field.value.trim() });
      apply();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.clear = () => {
      field.value = "";
      site.hash.set({ q: "" });
      apply();
    };
    const saved = site.hash.get().q;
    if (saved) {
      field.value = saved;
      apply();
    }
  }

  const form = document.querySelector("form[data-filters]") || document.querySelector("form[data-narrow]");
  if (form) (form.hasAttribute("data-filters") ? searchAll : narrow)(form);

  const field = form && form.elements.q;
  /** The first link of each row that is shown. */
  const stops = () => (table ? Array.from(table.tBodies[0].rows).filter((tr) => !tr.hidden).map((tr) => tr.querySelector("a")).filter(Boolean) : []);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !form) return;
    const target = event.target;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
    if (event.key === "/" && !typing) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Escape" && form.contains(target)) {
      event.preventDefault();
      form.clear();
      field.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const list = stops();
      const inRows = table && table.contains(target);
      if (target !== field && !inRows) return;
      const at = inRows ? list.indexOf(target.closest("tr").querySelector("a")) : -1;
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      if (event.key === "ArrowUp" && at < 0) return;
      event.preventDefault();
      if (next < 0) field.focus();
      else if (list[next]) list[next].focus();
    }
  });
})();
