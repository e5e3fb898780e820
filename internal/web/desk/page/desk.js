// Keys, the SMS counter and fresh lines. Everything that matters also works
// without this file.
"use strict";
(() => {
  const $ = (selector) => document.querySelector(selector);

  // Fresh parts. A stream says when there is something new; while there is none,
  // the page looks by itself, and says that it is catching up.
  const every = 15000, patience = 10000, silence = 40000;
  const state = $("#fresh");
  let tag = "", timer = 0, busy = false, again = false;

  function tell(text, lost) {
    if (!state) return;
    state.hidden = false;
    state.classList.toggle("lost", lost);
    if (state.textContent !== text) state.textContent = text;
  }

  // A part that somebody is working in is left alone until the next round.
  function inUse(part) {
    const active = document.activeElement;
    return part.querySelector("details[open]") || (active && active !== part && part.contains(active) && active.closest("form"));
  }

  function replace(html) {
    const news = new DOMParser().parseFromString(html, "text/html");
    let all = true;
    for (const part of news.querySelectorAll("[data-live]")) {
      const old = document.getElementById(part.id);
      if (!old || old.outerHTML === part.outerHTML) continue;
      if (inUse(old)) { all = false; continue; }
      const atEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 80, top = old.scrollTop;
      const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      const next = document.importNode(part, true);
      old.replaceWith(next);
      next.scrollTop = atEnd ? next.scrollHeight : top;
      if (focused) [...next.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus({ preventScroll: true });
      else if (document.activeElement === old) next.focus({ preventScroll: true });
    }
    mark();
    return all;
  }

  async function look() {
    clearTimeout(timer);
    if (busy) { again = true; return; }
    busy = true; again = false;
    let well = true;
    try {
      const headers = { "X-Mesa": "fresh" };
      if (tag) headers["If-None-Match"] = tag;
      const answer = await fetch(document.body.dataset.refresh, { headers, cache: "no-store", signal: AbortSignal.timeout(patience) });
      if (answer.status === 401) { location.href = "/mesa/entrar"; return; }
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(String(answer.status));
        const next = answer.headers.get("ETag") || "";
        tag = replace(await answer.text()) ? next : "";
      }
    } catch { well = false; }
    finally { busy = false; }
    tell(well && live ? "al día" : "reconectando…", !(well && live));
    if (again) { look(); return; }
    // A part that was in use is tried again soon; the waits that a page shows go on.
    timer = setTimeout(look, !well ? 3000 : !live ? every : tag ? 60000 : 3000);
  }

  // The stream. A hidden page lets go of it, since a browser has few of them for
  // all its tabs together; whoever comes back names the last event that she saw.
  let source = null, live = false, heard = 0;
  function listen() {
    if (source || document.hidden || !document.body.dataset.stream) return;
    source = new EventSource(document.body.dataset.stream);
    const alive = () => { heard = Date.now(); if (!live) { live = true; look(); } };
    source.addEventListener("hola", alive);
    source.addEventListener("pulso", alive);
    source.addEventListener("nuevo", () => { heard = Date.now(); live = true; look(); });
    source.addEventListener("fuera", () => { location.href = "/mesa/entrar"; });
    source.onerror = () => {
      const closed = source.readyState === EventSource.CLOSED;
      if (live || closed) { live = false; tell("reconectando…", true); clearTimeout(timer); timer = setTimeout(look, closed ? 500 : 3000); }
      if (closed) hush();
    };
  }
  function hush() { source?.close(); source = null; live = false; }
  function check() {
    if (source && live && Date.now() - heard > silence) { hush(); tell("reconectando…", true); }
    listen();
  }

  if (document.body.dataset.refresh) {
    listen();
    timer = setTimeout(look, 3000);
    setInterval(check, 5000);
    document.addEventListener("visibilitychange", () => { if (document.hidden) { hush(); clearTimeout(timer); } else { listen(); look(); } });
    addEventListener("online", () => { hush(); listen(); look(); });
    addEventListener("offline", () => { live = false; tell("reconectando…", true); });
    addEventListener("pagehide", hush);
  }

  // The list: a chosen row that stays chosen while rows come and go.
  let chosen = "";
  const rows = () => [...document.querySelectorAll(".case")];
  function mark() {
    for (const row of rows()) row.classList.toggle("chosen", row.dataset.id === chosen);
  }
  function move(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.dataset.id === chosen);
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))];
    chosen = next.dataset.id;
    mark();
    next.querySelector("a").focus();
  }

  // The counter: the GSM alphabet of one septet, and of two.
  const one = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
  const two = new Set("^{}\\[~]|€\f");
  // What the server writes plainly before it sends, because it would double the price.
  const plain = { "á": "a", "í": "i", "ó": "o", "ú": "u", "Á": "A", "Í": "I", "Ó": "O", "Ú": "U", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " " };
  function measure(text) {
    let units = 0, wide = false;
    for (const raw of text.normalize("NFC")) {
      for (const c of plain[raw] ?? raw) {
        if (one.has(c)) units += 1; else if (two.has(c)) units += 2; else wide = true;
      }
    }
    if (wide) units = text.length;
    const single = wide ? 70 : 160, part = wide ? 67 : 153;
    return { units, wide, parts: units <= single ? 1 : Math.ceil(units / part), room: units <= single ? single : Math.ceil(units / part) * part };
  }
  const box = $("#texto"), count = $("#count");
  function recount() {
    if (!box || !count || !box.hasAttribute("data-sms")) return;
    const m = measure(box.value);
    count.textContent = `${m.units}/${m.room} · ${m.parts} SMS` + (m.wide ? " · lleva un signo que acorta el mensaje" : "");
    count.classList.toggle("over", m.parts > 1 || m.wide);
  }
  box?.addEventListener("input", recount);
  recount();

  // Drafts are kept by the server, so that they outlive a reload, a lost race and
  // this machine. Writing them down also shows colleagues that somebody writes.
  if (box) {
    const to = box.form.dataset.draft;
    let kept = box.value, later = 0, sent = false;
    const keep = async () => {
      if (sent || box.value === kept) return;
      const text = box.value, form = new URLSearchParams({ csrf: box.form.elements.csrf.value, texto: text });
      try {
        const answer = await fetch(to, { method: "POST", body: form, keepalive: true });
        if (answer.ok) kept = text;
      } catch { later = setTimeout(keep, 3000); }
    };
    box.addEventListener("input", () => { clearTimeout(later); later = setTimeout(keep, 700); });
    box.form.addEventListener("submit", () => { sent = true; clearTimeout(later); setTimeout(() => { sent = false; }, 4000); });
    addEventListener("pagehide", keep);
  }

  const log = $("#log");
  if (log) {
    log.scrollTop = log.scrollHeight;
    const last = log.querySelector(".thread > li:last-child");
    const wide = log.scrollHeight > log.clientHeight + 1;
    if (last && !wide && !$(".error, .notice")) last.scrollIntoView({ block: "center" }); // on a phone the page itself scrolls
  }

  // Keys. None works while somebody types.
  const dialog = $("#keys"), help = $("[data-keys]");
  if (help) { help.hidden = false; help.addEventListener("click", () => dialog.showModal()); }
  const press = {
    " ": () => $("#next")?.requestSubmit(),
    j: () => move(1),
    k: () => move(-1),
    t: () => $("#take")?.requestSubmit(),
    r: () => box?.focus(),
    n: () => { const jot = $("#jot"); if (jot) { jot.open = true; $("#nota").focus(); } },
    d: () => { const back = $("#back"); if (back) { back.open = true; back.querySelector("button").focus(); } },
    s: () => $("#find")?.click(),
    b: () => $("#inbox")?.click(),
    "?": () => dialog?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (typing) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) typing.form?.requestSubmit();
      if (event.key === "Escape") typing.blur();
      return;
    }
    if (event.key === "Escape") { const open = $("details[open]"); if (open) open.open = false; return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || dialog?.open) return;
    if (event.key === " " && event.target.closest("button, summary")) return;
    const act = press[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // A form is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
})();
