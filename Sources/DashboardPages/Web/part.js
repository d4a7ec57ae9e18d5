// A part: its verdict, its points coloured by any channel, its regions, its template beside it, and the scores before it.
import { ask, askLines, byId, count, date, el, evaluations, fail, fill, head, known, milliseconds, number, partName, showReadiness, signed, time } from "/assets/common.js";
import { scoreHistory } from "/assets/charts.js";
import { color, colors, fetchCloud, fetchKept, topRatio, waitForKept } from "/assets/cloud.js";
import { CloudViewer } from "/assets/viewer.js";

const id = decodeURIComponent(location.pathname.split("/").pop());
const size = (region) => region.obb.extent.map((side) => side.toFixed(1)).join(" × ");

function showBand(verdict) {
  const kind = known(verdict.evaluation), sign = evaluations[kind];
  document.title = `${partName(verdict)} - Scanward`;
  byId("band").className = `card band ${kind}`;
  fill(byId("band"), el("div", { class: "sign" }, `${sign.mark} ${sign.word}`),
    el("div", {}, el("h1", {}, partName(verdict)),
      el("div", { class: "soft" }, [verdict.part_type, verdict.source, time(verdict.times.decided_ns, true)].filter(Boolean).join(" · "))),
    verdict.reasons.length > 0 ? el("div", { id: "reasons" }, verdict.reasons.map((reason) => el("div", {}, reason.message))) : null,
    el("div", { class: "facts number" }, Number.isFinite(verdict.score)
      ? [el("div", {}, "score ", el("b", {}, number(verdict.score)), ` / threshold ${number(verdict.threshold)}`),
        el("div", { class: "soft" }, `margin ${signed(verdict.margin)}`)] : el("div", {}, "not scored")));
}

function showRegions(verdict, pick) {
  if (verdict.regions.length === 0) {
    fill(byId("regions"), el("p", { class: "soft" }, "None: nothing lies above the threshold."));
    return;
  }
  const head = ["", "Kind", "Deviation, mm", "Size, mm", "Area, mm²", "Peak", "At (x, y, z), mm"].map((name, index) => el("th", { class: index > 1 && index < 6 ? "right" : null }, name));
  fill(byId("regions"), el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, verdict.regions.map((region) =>
    el("tr", {}, el("td", {}, el("button", { type: "button", "aria-label": `Look at region ${region.id}`, onclick: () => pick?.(region) }, region.id)),
      el("td", {}, region.kind), el("td", { class: "right" }, signed(region.deviation)), el("td", { class: "right" }, size(region)),
      el("td", { class: "right" }, number(region.area, 1)), el("td", { class: "right" }, number(region.peak, 1)),
      el("td", { class: "number" }, region.centroid.map((value) => value.toFixed(1)).join(", ")))))));
}

function showFacts(part) {
  const { verdict } = part, times = verdict.durations_ms;
  const facts = [
    ["Verdict", `no. ${verdict.seq}, ${date(verdict.times.decided_ns).toISOString()}`], ["Line", `${verdict.line} / ${verdict.station}`],
    ["Session", verdict.session], ["Attempt", String(verdict.attempt)],
    ["Frames", `${verdict.frames.received} received, ${verdict.frames.missed} missed, ${verdict.frames.rejected} rejected`],
    ["Points", `${count(verdict.points.received)} received, ${count(verdict.points.used)} used`],
    ["Time", `${milliseconds(times.total)}: queue ${milliseconds(times.queue)}, sample ${milliseconds(times.sample)}, infer ${milliseconds(times.infer)}, localize ${milliseconds(times.localize)}`],
    ["Channels", Object.entries(verdict.channels).map(([name, value]) => `${name} ${number(value)}`).join(", ") || "–"],
  ];
  if (verdict.model) facts.push(["Model", el("a", { href: `/models/${verdict.model.id}` }, `${verdict.model.name} ${verdict.model.version}`)]);
  facts.push(["Result", el("span", { class: "mono" }, verdict.result_id)]);
  if (verdict.user !== undefined && verdict.user !== null) facts.push(["Scanner's own", el("span", { class: "mono" }, JSON.stringify(verdict.user))]);
  const path = `/api/parts/${encodeURIComponent(verdict.result_id)}`;
  facts.push(["Files", el("span", {}, el("a", { href: path }, "JSON"), part.kept ? [", ", el("a", { href: `${path}/heatmap.ply` }, "heat map (PLY)")] : null)]);
  fill(byId("facts"), facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function showRamp() {
  const canvas = byId("ramp"), context = canvas.getContext("2d");
  for (let x = 0; x < canvas.width; x += 1) {
    context.fillStyle = `rgb(${color((x / canvas.width) * topRatio).map((value) => Math.round(255 * value)).join(",")})`;
    context.fillRect(x, 0, 1, canvas.height);
  }
  context.fillStyle = "#17212b";
  context.fillRect(canvas.width / topRatio, 0, 2, canvas.height);
}

/// The template in the part's place: the taught frame's points moved by the part's pose.
function templatePositions(template, header) {
  const pose = header.template_pose ?? [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], from = template.header.origin;
  const to = header.template_pose ? header.origin : from, points = template.arrays.position, moved = new Float32Array(points.length);
  for (let index = 0; index < points.length; index += 3) {
    const p = [0, 1, 2].map((axis) => points[index + axis] + from[axis]);
    for (const axis of [0, 1, 2]) {
      moved[index + axis] = pose[3 * axis] * p[0] + pose[3 * axis + 1] * p[1] + pose[3 * axis + 2] * p[2] + pose[9 + axis] - to[axis];
    }
  }
  return moved;
}

async function showCloud(part) {
  const { verdict, kept } = part;
  showRegions(verdict, null);
  const cloud = kept ? await fetchKept(id) : null;
  if (cloud === null) {
    byId("template").hidden = true;
    fill(byId("view"), el("p", { class: "message" }, Number.isFinite(verdict.score)
      ? "The points of this part are not kept any more, or were not." : "The part was not scored: there is nothing to be seen."));
    return;
  }
  const { header } = cloud;
  byId("kept").textContent = header.points < header.points_before ? `${count(header.points)} of ${count(header.points_before)} points` : `${count(header.points)} points`;
  const viewer = await CloudViewer.make(byId("view"), { label: `Part ${partName(verdict)}, coloured by score`, caption: "part" });
  if (!viewer) {
    byId("template").hidden = true;
    return;
  }
  const local = (place) => place.map((value, axis) => value - header.origin[axis]);
  const pick = (region) => {
    viewer.frame(local(region.obb.center));
    viewer.approach(local(region.obb.center), Math.hypot(...region.obb.extent));
    byId("view").querySelector("canvas").focus({ preventScroll: true });
    byId("view").scrollIntoView({ block: "nearest" });
  };
  viewer.show(cloud.arrays.position, colors(cloud, "score"));
  viewer.frame(verdict.regions[0] ? local(verdict.regions[0].obb.center) : null);
  viewer.outline(verdict.regions, header.origin, pick);
  showRegions(verdict, pick);
  showChannels(cloud, viewer);
  if (header.model) await showTemplate(header, viewer).catch((error) => fill(byId("template"), el("p", { class: "message" }, error.message)));
}

function showChannels(cloud, viewer) {
  const names = cloud.header.arrays.filter((name) => name === "score" || name.startsWith("channel:"));
  const choose = (name) => {
    viewer.recolor(colors(cloud, name));
    const threshold = name === "score" ? cloud.header.threshold : cloud.header.channel_thresholds?.[name.slice(8)];
    byId("top-score").textContent = `${number((threshold || 1) * topRatio, 1)} = ${topRatio} × threshold`;
    byId("view").setAttribute("data-channel", name);
  };
  fill(byId("channels"), names.map((name, index) => el("label", {}, el("input", { type: "radio", name: "channel", value: name, checked: index === 0,
    onchange: () => choose(name) }), el("span", {}, name === "score" ? "score" : name.slice(8)))));
  choose("score");
}

async function showTemplate(header, viewer) {
  const template = await fetchCloud(`/api/models/${header.model}/template`);
  const other = await CloudViewer.make(byId("template"), { label: "Template of the part type", caption: "template: as taught" });
  const positions = templatePositions(template, header), tint = new Float32Array(positions.length);
  for (let index = 0; index < tint.length; index += 3) tint.set([0.62, 0.73, 0.82], index);
  if (!other) return;
  other.show(positions, tint);
  other.home = viewer.home;
  viewer.couple(other);
}

async function showHistory(verdict) {
  const type = verdict.part_type;
  const query = new URLSearchParams({ order: "newest", limit: "200", format: "summary" });
  if (type) query.set("part_type", type);
  byId("history-title").textContent = type ? `Scores of ${type}` : "Scores";
  const newest = await askLines(`/api/verdicts?${query}`);
  if (!newest.some((other) => other.seq === verdict.seq)) {
    // An older part: what was around it.
    query.set("below", String(verdict.seq + 60));
    query.delete("order");
    newest.splice(0, newest.length, ...await askLines(`/api/verdicts?${query}`));
  }
  fill(byId("history"), scoreHistory(newest.reverse(), { here: verdict.result_id, width: Math.max(480, byId("history").clientWidth) }));
}

try {
  await head("");
  ask("/api/status").then(showReadiness, fail);
  const early = await ask(`/api/parts/${encodeURIComponent(id)}`);
  showBand(early.verdict);
  showFacts(early);
  showRamp();
  const showPoints = async () => {
    const part = early.pending ? await waitForKept(id) : early;
    if (part !== early) showFacts(part);
    await showCloud(part);
  };
  await Promise.all([showPoints(), showHistory(early.verdict)]);
} catch (error) {
  fail(error);
}
