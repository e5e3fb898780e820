// Small helpers: elements without innerHTML, so that no message can become markup.

export const zone = document.body.dataset.zone;

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

const hour = new Intl.DateTimeFormat("es-MX", { timeZone: zone, hour: "2-digit", minute: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat("es-MX", { timeZone: zone, weekday: "short", day: "numeric", month: "short" });
const stamp = new Intl.DateTimeFormat("es-MX", { timeZone: zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false });

export const hourOf = (at) => hour.format(new Date(at));
export const dayOf = (at) => day.format(new Date(at));
export const stampOf = (at) => stamp.format(new Date(at));

export function pesos(centavos) {
  const whole = centavos % 100 === 0;
  return "$" + (centavos / 100).toLocaleString("es-MX", { minimumFractionDigits: whole ? 0 : 2, maximumFractionDigits: 2 });
}

// say shows an answer under a form.
export function say(output, good, text) {
  output.className = good ? "good" : "bad";
  output.textContent = text;
}

// call sends JSON and returns {ok, body}; a server that is away is not an exception.
export async function call(path, body) {
  try {
    const res = await fetch("/demo/api/" + path, body === undefined ? {} : {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return { ok: res.ok, body: await res.json() };
  } catch {
    return { ok: false, body: { error: "El servidor no contesta." } };
  }
}
