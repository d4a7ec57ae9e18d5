// What all pages share: elements whose texts stay texts, numbers and times as people read them, the head of the page.

/// Makes an element. Attributes: class, href, ...; on* are listeners. Children: elements and texts; texts are never markup.
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

export const byId = (id) => document.getElementById(id);

// Signs differ by form and word too, not by colour alone.
export const evaluations = {
  ok: { word: "OK", mark: "✓" }, not_ok: { word: "NOT OK", mark: "✕" },
  not_decidable: { word: "NOT DECIDABLE", mark: "?" }, undefined: { word: "UNDEFINED", mark: "–" },
};
export const known = (evaluation) => (evaluation in evaluations ? evaluation : "undefined");

export function pill(evaluation) {
  const kind = known(evaluation);
  return el("span", { class: `pill ${kind}` }, evaluations[kind].mark, " ", evaluations[kind].word);
}

export const number = (value, digits = 2) =>
  value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(digits);
export const signed = (value, digits = 2) =>
  value === null || value === undefined ? "–" : (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(value).toFixed(digits);
export const count = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en"));

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 1.5) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export const date = (ns) => new Date(ns / 1e6);
const two = (value) => String(value).padStart(2, "0");
export function time(ns, withDay = false) {
  const day = date(ns);
  const clock = `${two(day.getHours())}:${two(day.getMinutes())}:${two(day.getSeconds())}`;
  return withDay ? `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())} ${clock}` : clock;
}

export const partName = (verdict) => (verdict.part_id === "" ? "(no id)" : verdict.part_id);
export const partPath = (verdict) => `/parts/${encodeURIComponent(verdict.result_id)}`;
export const partLink = (verdict) => el("a", { href: partPath(verdict) }, partName(verdict));

const kinds = { excess: "excess", missing: "missing", surface: "surface" };
/// A region in a few words: "missing −1.24 mm, 12.0 × 4.1 × 1.3 mm".
export function regionWords(region) {
  const deviation = region.deviation === undefined || region.deviation === null ? "" : ` ${signed(region.deviation)} mm`;
  const size = region.obb ? `, ${region.obb.extent.map((side) => side.toFixed(1)).join(" × ")} mm` : "";
  return (kinds[region.kind] ?? "region") + deviation + size;
}

/// Asks for anything; a refusal becomes an error with its sentence and status, one for want of a token the login page.
export async function request(path, type, options) {
  const response = await fetch(path, { headers: { Accept: type }, ...options });
  if (response.status === 401) location.assign("/login");
  if (!response.ok) {
    const error = new Error((await response.text()).trim() || `${path}: ${response.status}`);
    error.status = response.status;
    throw error;
  }
  return response;
}

/// Asks for JSON.
export const ask = async (path, options) => (await request(path, "application/json", options)).json();

/// JSON lines.
export async function askLines(path) {
  const response = await request(path, "application/x-ndjson");
  return (await response.text()).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/// Fills the head of the page. Returns who is there.
export async function head(current) {
  const links = [["/", "Live"], ["/history", "History"], ["/models", "Models"]].map(([path, text]) =>
    el("a", { href: path, "aria-current": path === current ? "page" : null }, text));
  const state = el("span", { id: "ready", class: "pill", role: "status" }, "…");
  const place = el("span", { id: "place", class: "soft" });
  const who = el("span", { class: "buttons" });
  const top = byId("top");
  fill(top, el("a", { class: "brand", href: "/" }, el("img", { src: "/assets/icon.svg", alt: "" }), "Scanward"),
    el("nav", { "aria-label": "Pages" }, links), place, el("span", { class: "spring" }), state, who);
  const session = await ask("/api/session");
  if (session.by_cookie && session.role) {
    fill(who, el("span", { class: "soft small" }, `${session.name}, ${session.role}`),
      el("form", { method: "post", action: "/api/logout" }, el("button", {}, "Log out")));
  } else if (session.can_log_in) {
    fill(who, el("a", { class: "button", href: "/login" }, "Log in"));
  }
  return session;
}

/// Shows in the head what a status says.
export function showReadiness(status) {
  const state = byId("ready");
  if (!state) return;
  const isReady = status !== null && status.reasons_not_ready.length === 0;
  const isQuiet = isReady && status.warnings.length === 0;
  state.className = `pill ${status === null ? "not_ok" : isQuiet ? "ok" : "not_decidable"}`;
  const words = status === null ? "no connection to the monitor" : isQuiet ? "ready" : isReady ? status.warnings[0] : status.reasons_not_ready[0];
  if (state.textContent !== words) state.textContent = words;
  if (status) byId("place").textContent = `${status.line} / ${status.station}`;
}

/// Takes the notice of a failure away: it went well again.
export const succeed = () => document.querySelector("main > .notice.bad")?.remove();

export function fail(error) {
  const main = document.querySelector("main");
  // One at a time: a page that is open for weeks gathers none.
  succeed();
  main.prepend(el("p", { class: "notice bad", role: "alert" }, error instanceof Error ? error.message : String(error)));
}
