// The phones: one column each, with its thread, its channel and its message box.

import { el, byId, call, hourOf, dayOf } from "./dom.js";
import { sizeOf, sizeText } from "./sms.js";

const maxShown = 500;
const phones = new Map(); // number → {info, node, log, shown}
let onCode = () => {};

export function setup(useCode) {
  onCode = useCode;
  byId("who").append(otherNumber());
}

export function load(views) {
  const visible = new Set([...phones.values()].filter((p) => p.shown).map((p) => p.info.phone));
  const drafts = new Map([...phones.values()].map((p) => [p.info.phone, p.box.value]));
  for (const p of phones.values()) { p.node.remove(); p.chip.remove(); }
  phones.clear();
  const first = visible.size ? visible : atFirst(views);
  views.forEach((view) => {
    const p = add(view, first.has(view.phone));
    if (drafts.has(view.phone)) p.box.value = drafts.get(view.phone);
    count(p);
    for (const m of view.messages) place(p, m, false);
    bottom(p);
  });
}

// atFirst picks the phones of the story: who authorises, and as many as fit of those who receive.
function atFirst(views) {
  const gives = views.find((v) => v.role === "distribuidora");
  const receive = views.filter((v) => v.role !== "distribuidora").slice(0, window.innerWidth >= 1500 ? 2 : 1);
  return new Set([gives, ...receive].filter(Boolean).map((v) => v.phone));
}

function add(view, shown) {
  const p = { info: view, shown, lastDay: "", nodes: new Map() };
  build(p);
  const check = el("input", { type: "checkbox", checked: shown, onchange: (e) => show(p, e.target.checked) });
  p.chip = el("label", {}, check, view.name);
  p.check = check;
  byId("who").insertBefore(p.chip, byId("who").querySelector("form"));
  byId("phones").append(p.node);
  phones.set(view.phone, p);
  show(p, shown);
  return p;
}

function show(p, on) {
  p.shown = on;
  p.check.checked = on;
  p.node.hidden = !on;
  p.chip.classList.remove("news");
  if (on) bottom(p);
}

function build(p) {
  const { phone, name, role } = p.info;
  p.log = el("div", { class: "log", role: "log", "aria-label": "Mensajes de " + name, tabindex: "0" },
    el("p", { class: "empty" }, role === "distribuidora" ? "Toca Enviar para pedir el vale." : "Aquí llegan los mensajes."));
  p.box = el("textarea", { rows: 1, id: "box" + phone, placeholder: "Mensaje", onkeydown: (e) => enter(e, p), oninput: () => count(p) });
  p.box.value = p.info.messages?.length ? "" : p.info.prefill || "";
  p.counter = el("span");
  const attach = (media, label) => el("button", { type: "button", onclick: () => send(p, { text: "", media }) }, label);
  p.switch = el("fieldset", { class: "switch" },
    el("legend", { class: "hidden" }, "Canal de " + name), option(p, "sms", "SMS"), option(p, "whatsapp", "WhatsApp"));
  p.node = el("section", { class: "phone", "aria-label": "Teléfono de " + name },
    el("div", { class: "screen" },
      el("header", {}, el("div", {}, el("h2", {}, name), el("p", {}, [role, pretty(phone)].filter(Boolean).join(" · "))), p.switch),
      p.log,
      el("form", { class: "write", onsubmit: (e) => { e.preventDefault(); typed(p); } },
        el("label", { class: "hidden", for: "box" + phone }, "Mensaje de " + name),
        el("div", { class: "row" }, p.box, el("button", {}, "Enviar")),
        el("div", { class: "under" }, p.counter,
          el("span", { class: "attach" }, attach("photo", "Foto"), attach("voice", "Voz"), attach("location", "Lugar"))))));
  dress(p);
}

function option(p, channel, label) {
  const input = el("input", {
    type: "radio", name: "channel" + p.info.phone, value: channel, checked: p.info.channel === channel,
    onchange: () => call(`phones/${encodeURIComponent(p.info.phone)}/channel`, { channel }),
  });
  return el("label", {}, input, label);
}

function dress(p) {
  p.node.classList.toggle("whatsapp", p.info.channel === "whatsapp");
  for (const input of p.switch.querySelectorAll("input")) input.checked = input.value === p.info.channel;
  count(p);
}

export function channel({ phone, channel }) {
  const p = phones.get(phone);
  if (!p) return;
  p.info.channel = channel;
  dress(p);
}

function enter(e, p) {
  if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
  e.preventDefault();
  typed(p);
}

function typed(p) {
  const text = p.box.value;
  if (!text.trim()) return;
  p.box.value = "";
  count(p);
  send(p, { text });
}

async function send(p, draft) {
  const { ok, body } = await call(`phones/${encodeURIComponent(p.info.phone)}/messages`, draft);
  if (!ok) p.counter.textContent = body.error;
}

function count(p) {
  p.box.style.height = "auto";
  p.box.style.height = Math.min(p.box.scrollHeight + 2, 112) + "px";
  p.counter.textContent = p.info.channel === "sms" && p.box.value ? sizeText(sizeOf(p.box.value)) : "";
}

// message shows a new message, on a phone that may be new as well.
export function message(m) {
  const p = phones.get(m.phone) || add({ phone: m.phone, name: pretty(m.phone), role: "otro", channel: m.channel }, true);
  place(p, m, true);
  if (!p.shown) p.chip.classList.add("news");
  bottom(p);
}

function place(p, m, fresh) {
  if (p.nodes.has(m.id)) return status(m);
  p.log.querySelector(".empty")?.remove();
  const today = dayOf(m.at);
  if (today !== p.lastDay) {
    p.lastDay = today;
    p.log.append(el("p", { class: "day" }, today));
  }
  const node = el("article", { class: ["msg", m.mine && "mine", m.channel === "whatsapp" && "wa", fresh && "fresh"].filter(Boolean).join(" ") },
    el("p", { class: "bubble" }, ...content(m)), meta(m), choices(p, m));
  p.nodes.set(m.id, node);
  p.log.append(node);
  while (p.nodes.size > maxShown) {
    const [oldest, gone] = p.nodes.entries().next().value;
    gone.remove();
    p.nodes.delete(oldest);
  }
}

// content makes withdrawal codes tappable and, on WhatsApp, *bold* bold.
function content(m) {
  const media = { photo: "[foto]", voice: "[nota de voz]", location: "[ubicación]" }[m.media];
  const text = m.body || media || "[mensaje vacío]";
  const parts = m.channel === "whatsapp" ? text.split(/(\*[^*\n]+\*)/) : [text];
  return parts.flatMap((part) => {
    if (/^\*[^*\n]+\*$/.test(part) && m.channel === "whatsapp") return [el("strong", {}, ...digits(m, part.slice(1, -1)))];
    return digits(m, part);
  });
}

function digits(m, text) {
  if (m.mine) return [text];
  return text.split(/(\b\d{12}\b)/).map((part) => /^\d{12}$/.test(part)
    ? el("button", { type: "button", class: "code", title: "Usar en el cajero", onclick: () => onCode(part) }, part)
    : part);
}

function meta(m) {
  return el("p", { class: "meta" }, hourOf(m.at), ticks(m),
    m.sms && el("span", { class: !m.mine && (m.sms.segments > 1 || m.sms.encoding !== "GSM-7") ? "over" : "" }, sizeText(m.sms)));
}

function ticks(m) {
  const words = m.mine
    ? { sending: "enviando", delivered: "recibido por el servidor", failed: "el servidor no lo recibió" }
    : { sent: "enviado", delivered: "entregado", read: "leído", failed: "no entregado" };
  const word = words[m.status] || m.status;
  if (m.status === "failed" || m.status === "sending") {
    return el("span", { class: "ticks " + m.status }, word + (m.code ? ` (${m.code})` : ""));
  }
  const n = m.status === "sent" ? 1 : 2;
  return el("span", { class: "ticks " + m.status, title: word }, ...Array.from({ length: n }, () => el("i")), el("span", { class: "hidden" }, word));
}

function choices(p, m) {
  if (!m.choices?.length) return null;
  const tap = (c) => el("button", {
    type: "button", onclick: () => send(p, { tap: c.id, label: c.label, replies_to: m.id, channel: "whatsapp" }),
  }, c.label);
  if (m.choices.length <= 3) return el("div", { class: "choices" }, ...m.choices.map(tap));
  return el("div", { class: "choices" }, el("details", {}, el("summary", {}, "Ver opciones"), el("div", {}, ...m.choices.map(tap))));
}

export function status(m) {
  const node = phones.get(m.phone)?.nodes.get(m.id);
  if (node) node.querySelector(".meta").replaceWith(meta(m));
}

function bottom(p) {
  requestAnimationFrame(() => { p.log.scrollTop = p.log.scrollHeight; });
}

export function nameOf(phone) {
  return phones.get(phone)?.info.name || pretty(phone);
}

function pretty(phone) {
  const m = /^\+52(\d{3})(\d{3})(\d{4})$/.exec(phone || "");
  return m ? `${m[1]} ${m[2]} ${m[3]}` : phone || "";
}

// otherNumber opens a phone that nobody knows yet.
function otherNumber() {
  const input = el("input", { "aria-label": "Otro número, 10 dígitos", placeholder: "Otro número", inputmode: "tel", autocomplete: "off" });
  return el("form", {
    onsubmit: (e) => {
      e.preventDefault();
      const ten = input.value.replace(/\D/g, "").slice(-10);
      if (ten.length !== 10) return input.focus();
      input.value = "";
      const phone = "+52" + ten;
      if (phones.has(phone)) return show(phones.get(phone), true);
      add({ phone, name: pretty(phone), role: "otro", channel: "sms" }, true).box.focus();
    },
  }, input, el("button", { class: "quiet" }, "Abrir"));
}
