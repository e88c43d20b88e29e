"use strict";
// RPM's order of versions, the same as that of the programs that made these pages: `~` sorts before everything, `^` after the end.
(() => {
  const lead = /^[^A-Za-z0-9~^]+/;
  const digits = /^[0-9]+/;
  const letters = /^[A-Za-z]+/;
  const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  /** Compares a version or a release alone: -1, 0 or 1. */
  function compareSegments(a, b) {
    if (a === b) return 0;
    for (;;) {
      a = a.replace(lead, "");
      b = b.replace(lead, "");
      if (a[0] === "~" || b[0] === "~") {
        if (b[0] !== "~") return -1;
        if (a[0] !== "~") return 1;
        a = a.slice(1);
        b = b.slice(1);
        continue;
      }
      if (a[0] === "^" || b[0] === "^") {
        if (b[0] !== "^") return b === "" ? 1 : -1;
        if (a[0] !== "^") return a === "" ? -1 : 1;
        a = a.slice(1);
        b = b.slice(1);
        continue;
      }
      if (a === "" || b === "") break;
      const number = digits.test(a);
      const pattern = number ? digits : letters;
      const other = pattern.exec(b);
      // A number is newer than a word.
      if (!other) return number ? 1 : -1;
      let x = pattern.exec(a)[0];
      let y = other[0];
      a = a.slice(x.length);
      b = b.slice(y.length);
      if (number) {
        x = x.replace(/^0+/, "");
        y = y.replace(/^0+/, "");
        if (x.length !== y.length) return order(x.length, y.length);
      }
      if (x !== y) return order(x, y);
    }
    return order(a.length, b.length);
  }

  /** Takes [EPOCH:]VERSION[-RELEASE] apart; null where it is none. An epoch that is not written is null. */
  function parse(text) {
    const parts = /^(?:([0-9]{1,10}):)?([^\s\/:-]+)(?:-([^\s\/:-]+))?$/.exec(text);
    if (!parts) return null;
    const epoch = parts[1] === undefined ? null : Number(parts[1]);
    if (epoch > 4294967295) return null;
    return { epoch, version: parts[2], release: parts[3] || "" };
  }

  /** Compares two parsed versions; a release that one side lacks is not compared. */
  function compare(a, b) {
    const epochs = order(a.epoch || 0, b.epoch || 0);
    if (epochs) return epochs;
    const versions = compareSegments(a.version, b.version);
    if (versions || a.release === "" || b.release === "") return versions;
    return compareSegments(a.release, b.release);
  }

  const architectures =
    /\.(x86_64|noarch|aarch64|src|nosrc|i[3-6]86|x86_64_v[2-4]|armv7hl|armv7l|ppc64|ppc64le|s390|s390x|riscv64|loongarch64|amd64|sparc64)$/;

  /** Takes NAME-[EPOCH:]VERSION-RELEASE[.ARCH] apart, also with the epoch in front; null where it is none. */
  function nevra(text) {
    let body = text.replace(/\.rpm$/, "").replace(architectures, "");
    const front = /^([0-9]+):(.*)$/.exec(body);
    if (front) body = front[2];
    const parts = /^(.+)-([^-]+)-([^-]+)$/.exec(body);
    const evr = parts && parse(`${parts[2]}-${parts[3]}`);
    if (!evr || /[\s\/]/.test(parts[1])) return null;
    if (front) evr.epoch = Number(front[1]);
    return { name: parts[1], evr };
  }

  /** How it is written; an epoch of 0 is not. */
  function print(evr) {
    return (evr.epoch ? `${evr.epoch}:` : "") + evr.version + (evr.release ? `-${evr.release}` : "");
  }

  window.seaworthy = { version: { compare, compareSegments, nevra, parse, print, architectures } };
})();
