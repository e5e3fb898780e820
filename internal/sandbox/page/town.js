// The panels beside the phones: ATM, till, bank and the menu of faults.

import { el, byId, call, say, pesos, stampOf } from "./dom.js";

const words = {
  pending: "pedida", issued: "lista para usar", redeemed: "retirada", expired: "vencida", cancelled: "cancelada",
  rejected: "rechazada", accepted: "aceptada", settled: "liquidada", returned: "devuelta",
};
const bad = new Set(["expired", "cancelled", "rejected", "returned"]);
const codes = new Map();
const transfers = new Map();
let menu = [];
let lastPayment = null;

export function setup() {
  byId("atm").addEventListener("submit", withdraw);
  byId("till").addEventListener("submit", (e) => {
    e.preventDefault();
    const form = new FormData(e.target);
    pay({ account_reference: form.get("account"), amount: form.get("amount"), value_date: form.get("date") });
  });
  byId("again").addEventListener("click", () => pay(lastPayment));
}

export function useCode(digits) {
  byId("atm-code").value = digits;
  byId("atm-code").focus();
}

async function withdraw(e) {
  e.preventDefault();
  const { ok, body } = await call("atm/withdrawals", { code: byId("atm-code").value });
  say(byId("atm-said"), ok, ok ? body.text : body.error);
  if (ok) byId("atm-code").value = "";
}

async function pay(payment) {
  const { ok, body } = await call("payments", payment);
  const out = byId("till-said");
  if (!ok) return say(out, false, body.error);
  lastPayment = { ...payment, reference: body.reference, value_date: body.value_date };
  byId("again").disabled = false;
  if (body.status === 200) return say(out, true, `Registrado con la referencia ${body.reference}.`);
  say(out, false, body.answer?.text || `El servidor contestó ${body.status}.`);
}

export function load(state) {
  codes.clear();
  transfers.clear();
  for (const c of [...state.codes].reverse()) codes.set(c.id, c);
  for (const t of [...state.transfers].reverse()) transfers.set(t.id, t);
  menu = state.menu;
  showCodes();
  showTransfers();
  faults(state.faults);
}

export function code(c) {
  codes.set(c.id, c);
  showCodes();
}

export function transfer(t) {
  transfers.set(t.id, t);
  showTransfers();
}

const badge = (status) => el("span", { class: "badge" + (bad.has(status) ? " bad" : "") }, words[status] || status);

function showCodes() {
  const rows = [...codes.values()].reverse().slice(0, 20).map((c) => el("li", {},
    el("b", {}, pesos(c.amount_centavos)), badge(c.status),
    el("small", {}, [c.phone_last4 && "celular …" + c.phone_last4, c.code && "clave " + c.code, c.expires_at && "vence " + stampOf(c.expires_at), c.reason].filter(Boolean).join(" · "))));
  byId("codes").replaceChildren(...rows);
}

function showTransfers() {
  const rows = [...transfers.values()].reverse().slice(0, 20).map((t) => el("li", {},
    el("b", {}, pesos(t.amount_centavos)), badge(t.status),
    el("small", {}, [t.name, "cuenta " + t.clabe, t.concept, t.reason].filter(Boolean).join(" · ")),
    t.status === "accepted" && move(t, "settled", "Liquidar"),
    t.status === "accepted" && move(t, "rejected", "Rechazar"),
    t.status === "settled" && move(t, "returned", "Devolver")));
  if (!rows.length) rows.push(el("li", {}, el("span", { class: "empty" }, "Las transferencias aparecen aquí.")));
  byId("transfers").replaceChildren(...rows);
}

function move(t, to, label) {
  return el("button", { type: "button", class: "quiet", onclick: () => call("bank/transfers/" + t.id, { to }) }, label);
}

export function faults(on) {
  const groups = Map.groupBy ? Map.groupBy(menu, (d) => d.group) : grouped();
  const rows = [];
  for (const [group, dishes] of groups) {
    rows.push(el("h3", {}, group));
    for (const d of dishes) rows.push(el("label", { for: d.name }, d.text), picker(d, on[d.name] || 0));
  }
  byId("faults").className = "menu";
  byId("faults").replaceChildren(...rows);
  const n = Object.keys(on).length;
  byId("faults-on").hidden = n === 0;
  byId("faults-on").textContent = n === 1 ? "1 encendida" : `${n} encendidas`;
  byId("faults-on").className = "badge bad";
}

function grouped() {
  const groups = new Map();
  for (const d of menu) groups.set(d.group, [...(groups.get(d.group) || []), d]);
  return groups;
}

function picker(d, times) {
  const value = times < 0 ? "-1" : times > 0 ? "1" : "0";
  const select = el("select", { id: d.name, class: value === "0" ? "" : "on", onchange: (e) => call("faults", { name: d.name, times: Number(e.target.value) }) },
    ...[["0", "No"], ["1", "Una vez"], ["-1", "Siempre"]].map(([v, label]) => el("option", { value: v, selected: v === value }, label)));
  return select;
}
