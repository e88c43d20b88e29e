"use strict";
// What is known, from the page's own table or from the whole set; and the form that answers "am I fixed?".
(() => {
  const site = window.seaworthy;
  const root = document.body.dataset.root;
  const { compare, nevra, parse, print, architectures } = site.version;

  /** An element with attributes and children; text is never read as HTML. */
  function make(tag, attributes, ...children) {
    const out = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined) out.setAttribute(name, value);
    out.append(...children.filter((c) => c !== null && c !== undefined));
    return out;
  }

  // File names as the pages have them: see `path::stem` of the publisher.
  function stem(name) {
    let out = "";
    let at = 0;
    for (const byte of new TextEncoder().encode(name)) {
      const c = String.fromCharCode(byte);
      out += /[A-Za-z0-9_+-]/.test(c) || (c === "." && at > 0) ? c : "=" + byte.toString(16).toUpperCase().padStart(2, "0");
      at += 1;
      if (out.length >= 200) break;
    }
    return out || "_";
  }
  const link = (path, text) => make("a", { href: root + path.replaceAll("+", "%2B") }, text);
  const year = (id) => Number((/-([0-9]+)-[^-]*$/.exec(id) || [])[1] || 0);
  const links = {
    advisory: (id) => link(`advisory/${year(id)}/${stem(id)}.html`, id),
    cve: (cve) => link(`cve/${cve.split("-")[1]}/${cve}.html`, cve),
    package: (name) => {
      const file = stem(name);
      return link(`package/${/^[A-Za-z0-9]/.test(file) ? file[0].toLowerCase() : "_"}/${file}.html`, name);
    },
    image: (version) => link(`image/${stem(version)}.html`, version),
  };

  /** The rows of a table that came with the page. */
  function rowsOf(table) {
    return Array.from(table.querySelectorAll("tbody tr[data-id]"), (tr) => {
      const d = tr.dataset;
      return {
        id: d.id, cve: d.cve, package: d.package, binaries: d.binaries ? d.binaries.split(" ") : [], status: d.status, severity: d.severity,
        version: d.version || "", day: d.day || "", image: d.image || "", repository: d.repository === "1", exploited: d.exploited === "1",
        orBefore: d.orBefore === "1", why: "", changed: "",
      };
    });
  }

  let loading = null;
  /** Everything that is known: all of it, or what the page shows where the rest cannot be had (`whole` is false then). */
  function all() {
    loading ||= load().catch(() => {
      const table = document.querySelector("table[data-rows]");
      return { whole: false, at: "", images: [], packages: [], rows: table ? rowsOf(table) : [] };
    });
    return loading;
  }
  let fetched = null;
  /** The packages that are shipped by the names of their sources and binaries; `null` where they cannot be had, until they are asked for again. */
  function shipped() {
    fetched ||= fetchShipped().catch(() => (fetched = null));
    return fetched;
  }
  async function fetchShipped() {
    if (location.protocol === "file:") throw new Error("opened as a file");
    const answer = await fetch(root + "shipped.json");
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const found = new Map();
    const { packages } = await answer.json();
    for (const [source, [version, binaries]] of Object.entries(packages)) {
      for (const name of binaries) found.set(name.toLowerCase(), { source, version });
    }
    for (const [source, [version]] of Object.entries(packages)) found.set(source.toLowerCase(), { source, version });
    return found;
  }
  /** What is said of a name on which no advisory is published. */
  function unadvised(name, known) {
    const there = known && known.get(name.toLowerCase());
    if (!there) return `No advisory is published on ${name}. No package of that name is known here. Is the name right?`;
    const of = there.source === name ? "" : `, built from ${there.source}`;
    const where = there.version ? `, which the package repository has in version ${there.version}` : ", which is shipped";
    return `No advisory is published on ${name}${of}${where}. An advisory follows when there is something to tell.`;
  }
  async function load() {
    // Browsers do not let a page that was opened as a file read another file.
    if (location.protocol === "file:") throw new Error("opened as a file");
    const answer = await fetch(root + "assets/advisories.json");
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const data = await answer.json();
    const rows = data.rows.map(([id, cve, p, status, severity, changed, version, day, image, repository, exploited, why, orBefore]) => ({
      id, cve, package: data.packages[p][0], binaries: data.packages[p][1], status: data.statuses[status], severity: data.severities[severity],
      changed, version, day, image: image < 0 ? "" : data.images[image], repository: repository === 1, exploited: exploited === 1,
      why: why < 0 ? "" : data.reasons[why], orBefore: orBefore === 1,
    }));
    return { whole: true, at: data.at, images: data.images, packages: data.packages, rows };
  }

  /** Whether an installed version is a version or newer; `null` where its release would decide, or the version cannot be read. */
  function reaches(evr, version) {
    const wanted = parse(version);
    if (!wanted) return null;
    // `rpm -q` prints no epoch: where none was written, the one of the fix is meant.
    const installed = { ...evr, epoch: evr.epoch === null ? wanted.epoch : evr.epoch };
    const which = compare(installed, wanted);
    return which === 0 && !installed.release && wanted.release ? null : which >= 0;
  }

  /** How a row stands at an installed version, or on an image: fixed, upgrade, unsure, older, ready, open, unknown, unaffected or
   *  withdrawn. */
  function standing(row, at) {
    switch (row.status) {
      case "fixed": break;
      case "affected": return at.evr && reaches(at.evr, row.version) ? "ready" : "open";
      case "under_investigation": return "unknown";
      case "not_affected": return "unaffected";
      case "withdrawn": return "withdrawn";
      default: return "open";
    }
    if (at.image) {
      const place = at.images.indexOf(row.image);
      if (row.image && place >= 0 && place <= at.images.indexOf(at.image)) return "fixed";
      return row.orBefore ? "older" : "upgrade";
    }
    const has = reaches(at.evr, row.version);
    if (has === null) return "unsure";
    return has ? "fixed" : row.orBefore ? "older" : "upgrade";
  }

  /** What was typed as version: an image, a whole package name or a version. */
  function reading(text, images) {
    const image = images.find((v) => text === v || text.endsWith("-" + v));
    if (image) return { image, images, text: `on image ${image}` };
    if (/(^|-)20[0-9]{4}\.[0-9]{1,2}\.[0-9]+$/.test(text)) return { error: `No image ${text} is known here.` };
    const whole = nevra(text);
    const evr = parse(text.replace(/\.rpm$/, "").replace(architectures, "")) || (whole && whole.evr);
    if (!evr) return { error: `“${text}” is neither a version such as 3.3.5-1 nor an image.` };
    return { evr, name: whole && evr === whole.evr ? whole.name : null, text: `at ${print(evr)}` };
  }

  const many = (n, one, more) => `${n} ${n === 1 ? one : more}`;
  const isCve = (text) => /^cve-[0-9]{4}-[0-9]{4,}$/i.test(text);

  /** The elements that answer. `known` is what `all` gives, `packages` what `shipped` does. */
  function answer(what, version, known, packages) {
    const bad = (field, text) => ({ bad: field, parts: [make("p", { class: "verdict unsure" }, text)] });
    what = what.trim();
    version = version.trim();
    // The whole name in the first field says it all.
    const whole = version === "" && !isCve(what) ? nevra(what) : null;
    if (whole) [what, version] = [whole.name, what];
    if (what === "" && nevra(version)) what = nevra(version).name;
    if (what === "") return bad("what", "Which package or CVE?");
    if (version === "") return bad("version", "Which version is installed, or which image?");
    const at = reading(version, known.images);
    if (at.error) return bad("version", at.error);
    const name = what.toLowerCase();
    const byCve = isCve(what);
    const isPackage = (row, n) => row.package.toLowerCase() === n || row.binaries.some((b) => b.toLowerCase() === n);
    let rows = known.rows.filter((row) => (byCve ? row.cve.toLowerCase() === name : isPackage(row, name)));
    if (byCve && at.name) rows = rows.filter((row) => isPackage(row, at.name.toLowerCase()));
    if (!byCve && at.name && !rows.some((row) => isPackage(row, at.name.toLowerCase()))) {
      if (rows.length) return bad("version", `${version} is a version of ${at.name}, not of ${what}.`);
    }
    const shown = byCve ? what.toUpperCase() : what;
    const partly = known.whole ? null : make("p", { class: "hint" }, "Only what this page shows was looked at: the list of everything could not be loaded.");
    if (rows.length === 0) {
      const where = byCve ? ` in ${at.name || "any package"}` : "";
      const isListed = !byCve && known.whole && packages && packages.size > 0;
      const text = !isListed ? `Nothing is known of ${shown}${where}. Is the name right?` : unadvised(shown, packages);
      return { unadvised: !byCve, parts: [make("p", { class: "verdict unsure" }, text), partly] };
    }
    const groups = { upgrade: [], unsure: [], older: [], ready: [], open: [], unknown: [], fixed: [], unaffected: [], withdrawn: [] };
    for (const row of rows) groups[standing(row, at)].push(row);
    return { parts: [...verdict(groups, rows, shown, byCve, at), partly] };
  }

  function verdict(groups, rows, shown, byCve, at) {
    const unfixed = groups.upgrade.length + groups.open.length;
    const relevant = rows.length - groups.withdrawn.length - groups.unaffected.length;
    const things = (n) => (byCve ? many(n, "package", "packages") : many(n, "vulnerability", "vulnerabilities"));
    let kind = "yes";
    let text;
    if (unfixed) {
      kind = "no";
      text = rows.length === 1 ? `No: ${shown} is not fixed ${at.text}.` : `No: ${things(unfixed)} of ${relevant} known for ${shown} ${unfixed === 1 ? "is" : "are"} not fixed ${at.text}.`;
    } else if (groups.unsure.length) {
      kind = "unsure";
      text = `It depends on the release: give the version with what stands after the “-”.`;
    } else if (groups.older.length) {
      kind = "unsure";
      text = rows.length === 1 ? `Not known: ${shown} is fixed in ${rows[0].version}, and perhaps ${at.text} already.` : `Not known: ${things(groups.older.length)} ${groups.older.length === 1 ? "is" : "are"} fixed in a newer version, and perhaps ${at.text} already; nothing else is known to be open.`;
    } else if (groups.ready.length) {
      kind = "unsure";
      text = rows.length === 1 ? `A fix is ready in ${rows[0].version}, which is not delivered yet.` : `Fixes of ${things(groups.ready.length)} are ready, and not delivered yet; nothing else is known to be open ${at.text}.`;
    } else if (groups.unknown.length) {
      kind = "unsure";
      text = `Not known yet: ${things(groups.unknown.length)} still under investigation; nothing else is open ${at.text}.`;
    } else if (groups.fixed.length) {
      text = rows.length === 1 ? `Yes: ${shown} is fixed ${at.text}.` : `Yes: everything known for ${shown} is fixed ${at.text}.`;
    } else if (groups.unaffected.length) {
      text = `Not affected: ${shown} needs no fix ${at.text}.`;
    } else {
      text = `Nothing to fix: what was known of ${shown} is withdrawn.`;
    }
    const out = [make("p", { class: `verdict ${kind}` }, text)];
    const command = commandFor(groups.upgrade, shown, byCve);
    if (command) out.push(make("p", {}, "What fixes it:"), make("pre", { class: "command", tabindex: "0", "aria-label": "Command" }, make("code", {}, command)));
    if (at.evr && at.evr.epoch === null && rows.some((r) => r.version.includes(":"))) {
      out.push(make("p", { class: "hint" }, "The version was taken to have the epoch of the fix, which “rpm -q” does not print. To see it: ",
        make("code", {}, "rpm -q --qf '%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n' NAME")));
    }
    const section = (title, list, words, folded) => {
      if (!list.length) return;
      const items = make("ul", {}, ...list.map((row) => item(row, words(row), byCve, rows)));
      out.push(...(folded ? [make("details", {}, make("summary", {}, `${title} (${list.length})`), items)] : [make("h3", {}, title), items]));
    };
    const since = (row) => [make("span", { class: "version" }, row.version), row.day ? `, since ${row.day}` : "", ...(row.image ? [", image ", links.image(row.image)] : [])];
    section("Open here, fixed in a newer version", groups.upgrade, (row) => ["fixed in ", ...since(row)]);
    section("Open, and no fix is delivered yet", groups.open, (row) => [open(row)]);
    section("A fix is ready, and not delivered yet", groups.ready, (row) => [open(row)]);
    section("Depends on the release", groups.unsure, (row) => ["fixed in ", ...since(row)]);
    section("Fixed in a newer version, and perhaps here already", groups.older, (row) => ["fixed in ", make("span", { class: "version" }, row.version), " or before"]);
    section("Under investigation", groups.unknown, () => ["not known yet"]);
    section("Fixed here", groups.fixed, (row) => ["fixed in ", ...since(row)], rows.length > 1);
    section("Not affected", groups.unaffected, () => ["not affected"], rows.length > 1);
    return out;
  }

  function open(row) {
    if (row.status === "will_not_fix") return "will not be fixed";
    if (row.status === "not_shipped") return "no longer shipped, and no fix is planned";
    if (row.status === "deferred") return row.day ? `put off until ${row.day}` : "put off, and no date is set";
    if (row.version) return `a fix is ready in ${row.version}, which is not delivered yet${row.day ? ` and was promised for ${row.day}` : ""}`;
    return row.day ? `a fix was promised for ${row.day}` : "no date is promised";
  }

  function item(row, words, byCve) {
    return make("li", {}, links.cve(row.cve), byCve ? " in " : "", byCve ? links.package(row.package) : "", ": ", ...words, " (", links.advisory(row.id), ")");
  }

  /** What brings every fix that there is: the advisory with the newest version, or the CVE over several packages. */
  function commandFor(rows, shown, byCve) {
    const list = rows.filter((row) => row.repository && /^[A-Za-z0-9-]+$/.test(row.id));
    if (!list.length) return null;
    if (byCve && list.length > 1) return `dnf upgrade --cve=${shown}`;
    const newest = list.reduce((a, b) => (compare(parse(b.version), parse(a.version)) > 0 ? b : a));
    return `dnf upgrade --advisory=${newest.id}`;
  }

  function start(form) {
    const said = form.parentElement.querySelector("[data-said]");
    const { what, version } = form.elements;
    const fixedName = form.dataset.package;
    const known = async () => {
      if (!fixedName) return all();
      const table = document.querySelector("table[data-rows]");
      return { whole: true, images: (form.dataset.images || "").split(" ").filter(Boolean), rows: table ? rowsOf(table) : [] };
    };
    async function ask() {
      let result = answer(fixedName || what.value, version.value, await known());
      if (result.unadvised) result = answer(fixedName || what.value, version.value, await known(), await shipped());
      for (const field of [what, version]) if (field) field.removeAttribute("aria-invalid");
      const wrong = result.bad && form.elements[result.bad];
      if (wrong) {
        wrong.setAttribute("aria-invalid", "true");
        wrong.focus();
      }
      said.replaceChildren(...result.parts.filter(Boolean));
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      site.hash.set({ ask: what ? what.value.trim() : "", at: version.value.trim() });
      ask();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.target.tagName !== "INPUT") return;
      event.target.value = "";
      event.target.removeAttribute("aria-invalid");
      said.replaceChildren();
      site.hash.set({ ask: "", at: "" });
    });
    if (what) {
      what.addEventListener("focus", async () => {
        const list = document.getElementById("packages");
        if (!list.childElementCount) list.append(...(await all()).packages.map(([name]) => make("option", { value: name })));
      }, { once: true });
    }
    const { ask: first, at: second } = site.hash.get();
    if (second || first) {
      if (what) what.value = first || "";
      version.value = second || "";
      ask();
    }
  }

  // What is asked and filtered stands behind the address's #, so that it can be passed on.
  site.hash = {
    get: () => (location.hash.includes("=") ? Object.fromEntries(new URLSearchParams(location.hash.slice(1))) : {}),
    set(changes) {
      const next = new URLSearchParams(site.hash.get());
      for (const [key, value] of Object.entries(changes)) value ? next.set(key, value) : next.delete(key);
      const text = next.toString();
      history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
    },
  };
  Object.assign(site, { all, answer, links, make, rowsOf, shipped, unadvised });
  for (const form of document.querySelectorAll("form[data-ask]")) start(form);
})();
