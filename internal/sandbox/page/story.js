// The strip under the phones: the path of each conversation and the ledger's moves.

import { el, byId, stampOf } from "./dom.js";
import { nameOf } from "./phone.js";

const maxSteps = 10;
const maxPaths = 6;
const maxEntries = 30;
const accounts = {
  line_limit: "línea otorgada", line_available: "línea disponible", line_hold: "línea apartada", line_used: "línea usada",
  loan_capital: "capital por cobrar", loan_interest: "interés por cobrar", loan_mora: "cargo por atraso por cobrar",
  fee_receivable: "comisión por cobrar", iva_receivable: "IVA por cobrar", disbursement_out: "transferencia en camino",
  code_out: "retiro en camino", unmatched_in: "depósito sin dueño", saldo_a_favor: "saldo a favor", iva_due: "IVA por pagar",
  insurance_due: "seguro por pagar", distributor_commission_due: "comisión de la distribuidora", interest_income: "ingreso por interés",
  mora_income: "ingreso por atraso", fee_income: "ingreso por comisión", commission_expense: "gasto por comisión",
  write_off_expense: "pérdida", bank_stp: "banco", cash_provider: "efectivo y cajeros",
};
const paths = new Map(); // phone|flow → {phone, flow, steps}
let last = 0;
let atLast = new Set(); // what was shown of the newest seq, which several lines may share

export function load(lines) {
  if (!byId("paths")) return;
  paths.clear();
  last = 0;
  atLast = new Set();
  byId("entries").querySelectorAll(":not(.empty)").forEach((n) => n.remove());
  for (const line of lines) add(line, false);
  showPaths();
}

export function add(line, draw = true) {
  if (!byId("paths") || !isNews(line)) return;
  if (line.kind === "step") step(line);
  else entry(line);
  if (draw) showPaths();
}

function isNews(line) {
  if (line.seq < last) return false;
  if (line.seq > last) atLast = new Set();
  last = line.seq;
  const key = JSON.stringify(line);
  if (atLast.has(key)) return false;
  atLast.add(key);
  return true;
}

function step(line) {
  const key = line.phone + "|" + line.flow;
  const path = paths.get(key) || { phone: line.phone, flow: line.flow, steps: [] };
  paths.delete(key); // the one that moved last comes first
  paths.set(key, path);
  for (const name of line.text.split(" → ")) {
    if (path.steps.at(-1) !== name) path.steps.push(name);
  }
  path.steps = path.steps.slice(-maxSteps);
}

function showPaths() {
  if (!paths.size) return;
  const rows = [...paths.values()].reverse().slice(0, maxPaths).map((p) => el("div", { class: "path" },
    el("b", {}, nameOf(p.phone)), " ", el("small", {}, words(p.flow || "")),
    el("ol", {}, ...p.steps.map((s) => el("li", {}, words(s))))));
  byId("paths").replaceChildren(...rows);
}

const words = (name) => name.replaceAll("_", " ");

function entry(line) {
  const box = byId("entries");
  box.querySelector(".empty")?.remove();
  const when = el("small", {}, " " + stampOf(line.at));
  box.prepend(line.moves?.length
    ? el("table", {}, el("caption", {}, line.text, when),
      el("tbody", {}, ...line.moves.map((m) => el("tr", {}, el("td", {}, accounts[m.account] || m.account), amount(m.debit, "cargo"), amount(m.credit, "abono")))))
    : el("p", { class: "note" }, line.text, when));
  while (box.children.length > maxEntries) box.lastElementChild.remove();
}

function amount(text, word) {
  return el("td", {}, text ? el("span", {}, el("span", { class: "hidden" }, word + " "), text) : "");
}
