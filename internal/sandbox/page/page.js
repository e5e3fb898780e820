// The phones page: reads the state once, then follows the events.

import { byId, call } from "./dom.js";
import * as phone from "./phone.js";
import * as town from "./town.js";
import * as story from "./story.js";

let stream = null;

async function start() {
  const { ok, body } = await call("state");
  if (!ok) {
    live(false);
    setTimeout(start, 1500);
    return;
  }
  clock(body.clock);
  phone.load(body.phones);
  town.load(body);
  story.load(body.story);
  follow(body.seq);
}

function follow(seq) {
  stream?.close();
  stream = new EventSource("/demo/api/events?since=" + seq);
  stream.onopen = () => live(true);
  // A server that was started anew counts its events from one: read everything again.
  stream.onerror = () => {
    live(false);
    if (stream.readyState === EventSource.CLOSED) setTimeout(start, 1500);
  };
  const on = (kind, handle) => stream.addEventListener(kind, (e) => handle(JSON.parse(e.data)));
  on("message", phone.message);
  on("status", phone.status);
  on("channel", phone.channel);
  on("clock", clock);
  on("code", town.code);
  on("transfer", town.transfer);
  on("faults", town.faults);
  on("story", story.add);
  on("reset", start);
}

function live(on) {
  byId("live").textContent = on ? "al día" : "reconectando";
  byId("live").classList.toggle("on", on);
}

function clock(face) {
  byId("clock").textContent = face.text;
  byId("quincena").title = "Hasta el " + face.next;
}

async function advance(e) {
  const buttons = document.querySelectorAll("[data-advance]");
  buttons.forEach((b) => { b.disabled = true; });
  const { ok, body } = await call("clock", { advance: e.currentTarget.dataset.advance });
  if (ok) clock(body);
  else byId("clock").textContent = body.error;
  buttons.forEach((b) => { b.disabled = false; });
}

function theme(name) {
  document.documentElement.dataset.theme = name;
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");
theme(dark.matches ? "dark" : "light");
dark.addEventListener("change", (e) => theme(e.matches ? "dark" : "light"));
byId("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
document.querySelectorAll("[data-advance]").forEach((b) => b.addEventListener("click", advance));
setInterval(async () => {
  const { ok, body } = await call("clock");
  if (ok) clock(body);
}, 20000);

town.setup();
phone.setup(town.useCode);
start();
