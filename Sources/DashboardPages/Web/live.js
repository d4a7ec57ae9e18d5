// The live line: the last part at a glance, figures, and what the scanners do.
import { ask, byId, count, duration, el, evaluations, fail, fill, head, known, milliseconds, number, partLink, partName, partPath, pill, regionWords, showReadiness, succeed, time } from "/assets/common.js";
import { meter } from "/assets/charts.js";
import { colors, fetchKept, waitForKept } from "/assets/cloud.js";
import { CloudViewer } from "/assets/viewer.js";

const shown = 14, strip = 50;
let verdicts = [], latest = null, viewer = null, isWithout3D = false, isDrawing = false, isHub = false;
const refused = new Map();

function showLast(verdict) {
  const kind = known(verdict.evaluation), sign = evaluations[kind];
  byId("last").className = `card hero ${kind}`;
  fill(byId("words"),
    el("div", { class: "sign" }, el("span", { class: "mark", "aria-hidden": "true" }, sign.mark), sign.word),
    el("div", { class: "part" }, partName(verdict)),
    el("div", { class: "soft" }, [isHub ? verdict.line : null, verdict.part_type, verdict.source].filter(Boolean).join(" · "), " · ", time(verdict.times.decided_ns),
      verdict.is_simulated ? " · recording" : ""),
    Number.isFinite(verdict.score) && verdict.threshold ? meter(verdict.score, verdict.threshold) : null,
    el("ul", { class: "findings", id: "findings" }),
    el("a", { class: "button open", href: partPath(verdict) }, "Look at it"));
  showFindings(verdict);
  markPicture();
  say(`${sign.word}, part ${partName(verdict)}`);
}

/// For those who listen: what is newest, and not more often than it can be said.
let toSay = null, isSaying = false;
function say(words) {
  toSay = words;
  if (isSaying) return;
  isSaying = true;
  byId("said").textContent = toSay;
  const last = toSay;
  setTimeout(() => {
    isSaying = false;
    if (toSay !== last) say(toSay);
  }, 2000);
}

/// Whose picture is shown: one of another part than the sign beside it is faded until its own is there.
let pictured = null;
function markPicture() {
  byId("view").classList.toggle("stale", pictured !== null && latest !== null && pictured !== latest.result_id);
}

/// The part in colours: of the newest part alone, however fast they come.
async function showPicture(verdict) {
  if (isDrawing) return;
  isDrawing = true;
  try {
    const part = await waitForKept(verdict.result_id, () => latest === verdict);
    if (latest === verdict) showFindings(part.verdict);
    const cloud = part.kept && !isWithout3D ? await fetchKept(verdict.result_id) : null;
    succeed();
    if (cloud !== null) {
      await show(verdict, part, cloud);
    } else if (latest === verdict && !isWithout3D) {
      showNone(!Number.isFinite(verdict.score) ? "The part was not scored: there is nothing to be seen."
        : isHub ? "The points of this part are not kept here; its line's dashboard may have them."
        : verdict.evaluation === "ok" ? "The points of this part were not kept: of parts that are good, at most one a second is."
        : "The points of this part were not kept.");
      byId("view").removeAttribute("data-part");
      pictured = verdict.result_id;
    }
  } finally {
    isDrawing = false;
    markPicture();
    if (latest !== verdict && latest) setTimeout(() => showPicture(latest).catch(fail), 100);
  }
}

/// One viewer for as long as the page is open; a browser has only so many.
async function show(verdict, part, cloud) {
  if (viewer === null) fill(byId("view"));
  viewer ??= await CloudViewer.make(byId("view"), { label: "Last part, coloured by score", caption: "" });
  isWithout3D = viewer === null;
  if (isWithout3D) {
    pictured = null;
    return;
  }
  viewer.show(cloud.arrays.position, colors(cloud, "score"));
  const regions = part.verdict.regions, origin = cloud.header.origin;
  viewer.frame(regions[0]?.obb.center.map((value, axis) => value - origin[axis]) ?? null);
  viewer.outline(regions, origin, () => location.assign(partPath(verdict)));
  byId("view").setAttribute("data-part", verdict.part_id);
  pictured = verdict.result_id;
}

function showNone(sentence) {
  if (viewer) viewer.clear(sentence);
  else fill(byId("view"), el("p", { class: "message" }, sentence));
}

function showFindings(verdict) {
  const list = byId("findings"), regions = verdict.regions;
  if (!list) return;
  fill(list, regions.length > 0
    ? regions.slice(0, 4).map((region) => el("li", {}, el("span", { class: "badge" }, region.id), regionWords(region)))
    : verdict.reasons.map((reason) => el("li", {}, reason.message ?? reason.code)));
}

function showParts() {
  const rows = verdicts.slice(-shown).reverse().map((verdict, index) => el("tr", { class: index === 0 ? "now" : null },
    el("td", {}, time(verdict.times.decided_ns)), el("td", { class: "text" }, partLink(verdict)), el("td", {}, pill(verdict.evaluation)),
    el("td", { class: "right" }, number(verdict.score)), el("td", { class: "right" }, number(verdict.threshold)),
    el("td", {}, verdict.part_type ?? "–"), el("td", { class: "right" }, milliseconds(verdict.durations_ms.total))));
  fill(byId("parts"), rows);
  fill(byId("strip"), verdicts.slice(-strip).map((verdict) => {
    const ratio = verdict.threshold ? Math.min(2, (verdict.score ?? 0) / verdict.threshold) : 0;
    // For the mouse: the keyboard has the table below, and the history.
    const bar = el("a", { class: known(verdict.evaluation), href: partPath(verdict), tabindex: -1,
      title: `${partName(verdict)}: ${evaluations[known(verdict.evaluation)].word} ${number(verdict.score)}` });
    bar.style.height = `${Math.max(10, ratio * 50)}%`;
    return bar;
  }));
}

const tile = (label, value, unit = "", note = "") => el("div", { class: "card tile" }, el("div", { class: "label" }, label),
  el("div", { class: "value" }, value, unit ? el("small", {}, ` ${unit}`) : null), note ? el("div", { class: "soft small" }, note) : null);

function showStatus(status) {
  showReadiness(status);
  isHub = status.is_hub === true;
  // Those of the lines are on their own pages.
  for (const id of ["sources", "models"]) byId(id).closest("section").hidden = isHub;
  const totals = status.evaluations, sum = Object.values(totals).reduce((a, b) => a + b, 0);
  fill(byId("tiles"),
    tile("Pass rate", status.pass_rate === undefined ? "–" : (100 * status.pass_rate).toFixed(1), "%", `of the last ${status.recent_parts} judged`),
    tile("Throughput", status.parts_per_minute.toFixed(1), "parts/min", `${count(sum)} since ${time(status.started_ns)}`),
    tile("Latency", status.latency_median_ms === undefined ? "–" : milliseconds(status.latency_median_ms), "median",
      status.latency95_ms === undefined ? "" : `95 %: ${milliseconds(status.latency95_ms)}`),
    tile("Not OK", count(totals.not_ok ?? 0), "", `${count((totals.not_decidable ?? 0) + (totals.undefined ?? 0))} without a decision`),
    tile("Open parts", count(status.parts_open), "", `verdict no. ${count(status.head)} in the journal`));
  fill(byId("sources"), status.sources.length === 0
    ? el("tr", {}, el("td", { colspan: 5, class: "soft" }, `No scanner has sent a frame yet. Frames are expected at ${status.input}`))
    : status.sources.map((source) => {
      const isDown = source.is_up === false;
      const words = isDown ? `down ${duration(source.down_for)}` : status.is_simulated ? "recording"
        : source.last_frame_age === undefined ? "no frame" : `${duration(source.last_frame_age)} ago`;
      // One that is connected and delivers nothing usable is no good sign.
      const isRefused = source.refused > (refused.get(source.name) ?? source.refused);
      refused.set(source.name, source.refused);
      const isOdd = !status.is_simulated && (isRefused || source.last_frame_age === undefined || source.last_frame_age > 300);
      const reasons = Object.entries(source.refusals).map(([reason, times]) => `${reason}: ${times}`).join(", ");
      return el("tr", {}, el("td", { class: "text" }, source.name, reasons ? el("div", { class: "soft small" }, reasons) : null),
        el("td", {}, el("span", { class: `pill ${isDown ? "not_ok" : isOdd ? "not_decidable" : "ok"}` }, isDown ? "✕ " : isOdd ? "! " : "✓ ", words)),
        el("td", { class: "right" }, count(source.frames)), el("td", { class: "right" }, count(source.missed)),
        el("td", { class: "right" }, count(source.refused)));
    }));
  fill(byId("models"), status.models.length === 0 ? el("tr", {}, el("td", { class: "soft" }, "None: parts are received, and not judged.")) : status.models.map((model) => el("tr", {}, el("td", {}, el("a", { href: `/models/${model.id}` }, model.part_type)),
    el("td", { class: "right" }, `threshold ${number(model.threshold)}`))));
  fill(byId("queues"), status.queues.map((queue) => el("tr", {}, el("td", {}, queue.name), el("td", { class: "right" }, `${queue.depth} of ${queue.capacity}`))));
  showFleet(status.fleet);
}

/// What of a fleet there is to be seen: its lines, workers and streams.
function showFleet(fleet) {
  byId("fleet").hidden = !fleet;
  if (!fleet) return;
  const right = (text) => el("td", { class: "right" }, text), seconds = (value) => value === undefined ? "–" : duration(value);
  byId("fleet-words").textContent = `NATS at ${fleet.server}` + (fleet.hub_lag === undefined ? "" : ` · ${count(fleet.hub_lag)} verdicts wait for the hub`);
  fill(byId("fleet-lines"), fleet.lines.length === 0 ? el("tr", {}, el("td", { colspan: 8, class: "soft" }, "No line has joined yet."))
    : fleet.lines.map((line) => el("tr", {}, el("td", { class: "text" }, line.name),
      el("td", {}, line.process ?? el("span", { class: "pill not_decidable" }, "! away")), right(line.spooled === undefined ? "–" : count(line.spooled)),
      right(count(line.waiting)), right(count(line.scoring)), right(seconds(line.oldest_age)), right(count(line.answers)),
      right(line.dead > 0 ? el("span", { class: "pill not_ok" }, `✕ ${count(line.dead)}`) : "0"))));
  fill(byId("fleet-workers"), fleet.workers.length === 0 ? el("tr", {}, el("td", { colspan: 8, class: "soft" }, "No worker has reported in the last 15 s: parts wait."))
    : fleet.workers.map((worker) => el("tr", {}, el("td", { class: "text" }, worker.id), el("td", {}, worker.line ?? "waits"),
      el("td", {}, worker.models.map((id) => id.slice(0, 6)).join(", ")), right(count(worker.parts)), right(worker.parts_per_minute.toFixed(0)),
      right(milliseconds(worker.part_ms)), right(milliseconds(worker.scoring_ms)), right(milliseconds(worker.fleet_ms)))));
  fill(byId("fleet-streams"), fleet.streams.map((stream) => el("tr", {}, el("td", { class: "text" }, stream.name), right(count(stream.messages)),
    right((stream.bytes / 1e6).toFixed(1)), right(stream.limit_bytes === undefined ? "–" : (stream.limit_bytes / 1e6).toFixed(0)))));
}

let isPending = false;
function add(verdict) {
  if (verdicts.length > 0 && verdicts[verdicts.length - 1].seq >= verdict.seq) verdicts = [];
  verdicts.push(verdict);
  if (verdicts.length > 2 * strip) verdicts = verdicts.slice(-strip);
  latest = verdict;
  if (isPending) return;
  isPending = true;
  setTimeout(() => {
    isPending = false;
    setConnected(true);
    showLast(latest);
    showParts();
    showPicture(latest).catch(fail);
  }, 30);
}

// A page that hears nothing must not go on saying OK: a stale sign is no release.
const patience = 5000;
let events = null, heardAt = Date.now(), pause = 2000, isConnected = true;

function setConnected(now) {
  if (!now) showReadiness(null);
  if (now === isConnected) return;
  isConnected = now;
  if (now) {
    if (latest) showLast(latest);
    return;
  }
  say("no connection to the monitor");
  byId("last").className = "card hero undefined";
  fill(byId("words"), el("div", { class: "sign" }, el("span", { class: "mark", "aria-hidden": "true" }, "!"), "NO CONNECTION"),
    el("div", { class: "soft" }, `to the monitor since ${time(heardAt * 1e6)}. What was shown before says nothing of parts since then.`));
}

function connect() {
  events?.close();
  events = new EventSource("/api/live");
  events.addEventListener("verdict", (event) => add(JSON.parse(event.data)));
  events.addEventListener("status", (event) => {
    heardAt = Date.now();
    pause = 2000;
    setConnected(true);
    showStatus(JSON.parse(event.data));
  });
  events.addEventListener("error", () => setConnected(false));
}

let tryAt = 0;
function watch() {
  if (Date.now() - heardAt < patience) return;
  setConnected(false);
  if (Date.now() < tryAt) return;
  tryAt = Date.now() + pause;
  pause = Math.min(30000, 2 * pause);
  // An EventSource does not tell why it was refused: for want of a token this leads to the login page.
  ask("/api/session").catch(() => {});
  connect();
}

try {
  await head("/");
  fill(byId("view"), el("p", { class: "message" }, "The last part appears here."));
  showStatus(await ask("/api/status"));
  connect();
  setInterval(watch, 1000);
} catch (error) {
  fail(error);
}
