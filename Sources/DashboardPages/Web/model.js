// A model: what its threshold rests on, how small a defect it finds, how it was made, and the threshold, for an operator to set.
import { ask, byId, count, date, el, fail, fill, head, number, showReadiness } from "/assets/common.js";
import { histogram, key, losses, shareCurves } from "/assets/charts.js";
import { fetchCloud } from "/assets/cloud.js";
import { CloudViewer } from "/assets/viewer.js";

const id = decodeURIComponent(location.pathname.split("/").pop());
let model = null, proposed = null;

const tile = (label, value, note = "") => el("div", { class: "card tile" }, el("div", { class: "label" }, label), el("div", { class: "value" }, value),
  note ? el("div", { class: "soft small" }, note) : null);
const short = (digest) => (digest ? digest.slice(0, 12) : "none");
const day = (text) => text.replace("T", " ").replace("Z", " UTC");
const found = (level, threshold) => level.scores.filter((score) => score > threshold).length / Math.max(1, level.scores.length);

/// From which size on nine in ten are found.
function reliable(kind, threshold) {
  let smallest = null;
  for (const level of [...kind.levels].reverse()) {
    if (found(level, threshold) < 0.9) break;
    smallest = level;
  }
  return smallest === null ? "not reliably found" : `from ${number(smallest.depth ?? smallest.size)} mm`;
}

function showTop() {
  const { brief, threshold } = model;
  document.title = `${brief.part_type} - Scanward`;
  byId("title").textContent = brief.part_type;
  byId("version").textContent = `${brief.name} ${brief.version}, profile ${brief.profile ?? "default"}, ${short(brief.id)}`;
  const promise = threshold.confidence > 0 ? `${(100 * threshold.expected_false_rejects).toPrecision(2)} %` : "–";
  fill(byId("tiles"), tile("Threshold", number(threshold.value)), tile("Highest good score", number(model.highest_good_score), `${(threshold.value / model.highest_good_score).toFixed(2)} times below the threshold`),
    tile("Good parts rejected, at most", promise, threshold.confidence > 0 ? `with ${Math.round(100 * threshold.confidence)} % confidence` : "nothing is promised"),
    tile("Good parts", count(brief.good_parts), `taught ${day(brief.created)}`));
  byId("method").textContent = `${threshold.method}.`;
  fill(byId("limits"), (threshold.limits ?? []).map((sentence) => el("p", {}, sentence)));
}

function showThreshold() {
  const at = proposed ?? model.threshold.value, scores = model.good_scores.flat();
  fill(byId("histogram"), histogram(scores, { threshold: model.threshold.value, proposed, label: "score of a good part, left out" }));
  const kinds = model.detection?.kinds ?? [];
  if (kinds.length === 0) {
    fill(byId("detection"), el("p", { class: "soft" }, "None were tried: `scanward teach` does so unless it is given --detection-trials 0."));
  } else {
    const curves = kinds.map((kind, color) => ({ name: `${kind.name}: ${reliable(kind, at)}`, color, points: kind.levels.map((level) => [level.depth ?? level.size, found(level, at)]) }));
    const deep = curves.filter((curve, index) => kinds[index].levels[0]?.depth !== undefined && kinds[index].levels[0]?.depth !== null);
    const wide = curves.filter((curve) => !deep.includes(curve));
    fill(byId("detection"), el("p", { class: "soft small" }, proposed === null ? "On the good parts' own scans; real defects differ." : `At the new threshold ${number(at)}.`),
      deep.length > 0 ? shareCurves(deep, "depth, mm") : null, el("p", { class: "legend" }, key(deep, true)),
      wide.length > 0 ? shareCurves(wide, "diameter, mm") : null, el("p", { class: "legend" }, key(wide, true)));
  }
  const above = model.good_scores.filter((part) => Math.max(...part) >= at).length;
  const note = byId("above");
  if (note) {
    note.textContent = above === 0 ? `All ${model.good_scores.length} good parts lie below it.` : `${above} of ${model.good_scores.length} good parts would be at or above it.`;
    note.className = above === 0 ? "soft" : "notice";
    byId("force-row").hidden = above === 0;
  }
}

function showChange(session) {
  const changes = model.threshold_changes ?? [];
  const list = changes.length === 0 ? el("p", { class: "soft" }, "It is as it was taught.")
    : el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ["Date", "From", "To", "By", "Why"].map((name) => el("th", {}, name)))),
      el("tbody", {}, [...changes].reverse().map((change) => el("tr", {}, el("td", {}, day(change.date)), el("td", {}, number(change.old)), el("td", {}, number(change.new)),
        el("td", {}, change.by ?? "–"), el("td", { class: "text" }, change.reason ?? (change.kind === "recalibrated" ? "recalibrated" : "–")))))));
  if (session.role !== "operator") {
    fill(byId("change"), el("h2", {}, "Change the threshold"), el("p", { class: "soft" }, session.can_log_in
      ? "An operator may change it here." : "Nobody may from here: the monitor was started without --tokens FILE, of `scanward tokens create NAME --role operator --file FILE`. On its machine `scanward threshold set` and `scanward reload` do it."),
      session.can_log_in ? el("p", {}, el("a", { class: "button", href: "/login" }, "Log in as an operator")) : null, el("h3", {}, "Changes"), list);
    return;
  }
  const value = el("input", { name: "value", type: "number", step: "any", min: "0", required: true, value: model.threshold.value,
    oninput: (event) => {
      const wanted = event.target.valueAsNumber;
      proposed = wanted > 0 && wanted !== model.threshold.value ? wanted : null;
      showThreshold();
    } });
  const form = el("form", { class: "stack", id: "threshold-form", onsubmit: (event) => {
    event.preventDefault();
    change(form).catch((error) => tell(error.message, true));
  } }, el("div", { class: "fields" }, el("label", {}, "New threshold", value), el("label", {}, "Why", el("input", { name: "reason", maxlength: "500", required: true }))),
  el("p", { id: "above", class: "soft" }), el("label", { class: "check", id: "force-row", hidden: true }, el("input", { type: "checkbox", name: "force" }), "Set it all the same"),
  el("div", { class: "buttons" }, el("button", { class: "main" }, "Set threshold")), el("p", { id: "answer", role: "status" }));
  fill(byId("change"), el("h2", {}, "Change the threshold"), form, el("h3", {}, "Changes"), list);
}

function tell(sentence, isBad) {
  const answer = byId("answer");
  answer.className = `notice ${isBad ? "bad" : "good"}`;
  answer.textContent = sentence;
}

async function change(form) {
  const data = new FormData(form);
  const body = { value: Number(data.get("value")), reason: data.get("reason"), force: data.get("force") === "on" };
  const result = await ask(`/api/models/${model.brief.id}/threshold`, {
    method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body) });
  tell(`Threshold ${number(result.new)}, was ${number(result.old)}. The line reads it …`, false);
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const models = await ask("/api/models");
    if (models.some((other) => other.id === result.id)) {
      location.replace(`/models/${result.id}`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  tell("The threshold is in the model's folder, but the line has not taken it: its log says why.", true);
}

function showLosses() {
  const tuning = model.fine_tuning;
  if (tuning.steps === 0 || tuning.validation.length === 0) {
    fill(byId("losses"), el("p", { class: "soft" }, "None: the backbone as it came."));
    return;
  }
  const curves = [{ name: "training parts", color: 1, points: tuning.training }, { name: "held-out part", color: 0, points: [[0, tuning.loss_before], ...tuning.validation] }];
  fill(byId("losses"), losses(curves, tuning.loss_before), el("p", { class: "legend" }, key(curves), "dashed: the backbone"),
    el("p", { class: "soft small" }, `Best ${tuning.best_loss?.toExponential(2)} at step ${tuning.best_step} of ${tuning.steps} (${tuning.ending}); the backbone had ${tuning.loss_before?.toExponential(2)}.`));
}

function showLineage() {
  const { lineage } = model;
  const file = (source) => el("tr", {}, el("td", { class: "text" }, source.name), el("td", { class: "right" }, source.points > 0 ? `${count(source.points)} points` : ""), el("td", { class: "mono" }, short(source.sha256)));
  fill(byId("lineage"), el("dl", { class: "facts" }, [["Taught by", `scanward ${lineage.scanward}${lineage.openblas ? `, ${lineage.openblas}` : ""}, seed ${lineage.seed}`],
    ["Backbone", `${lineage.backbone.name} (${short(lineage.backbone.sha256)})`], ["Model", el("span", { class: "mono" }, model.brief.id)]].map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
  el("h3", {}, "Good parts"), el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, lineage.good_parts.map(file)))),
  el("h3", {}, "In use on this line"), lineage.changes.length === 0 ? el("p", { class: "soft" }, "This model since the journal began, or since the last start.")
    : el("ul", {}, [...lineage.changes].reverse().slice(0, 30).map((change) => el("li", {}, `${date(change.changed_ns).toISOString().slice(0, 19).replace("T", " ")} UTC: ${short(change.from)} → ${short(change.to)}`))));
}

async function showTemplate() {
  const response = await ask("/api/models").then(() => fetchCloud(`/api/models/${id}/template`));
  const viewer = await CloudViewer.make(byId("view"), { label: `Template of ${model.brief.part_type}`, caption: `${count(response.header.points_before)} points` });
  if (!viewer) return;
  const tint = new Float32Array(response.arrays.position.length);
  for (let index = 0; index < tint.length; index += 3) tint.set([0.62, 0.73, 0.82], index);
  viewer.show(response.arrays.position, tint);
  viewer.frame();
}

/// Every change makes another model, with an id of its own; verdicts of before lead to the one that judged them.
function showReplaced(models) {
  document.title = "Replaced model - Scanward";
  fill(document.querySelector("main"), el("h1", {}, "This model is not in use any more"), el("section", { class: "card" },
    el("p", {}, `The line does not judge by ${short(id)} now: its threshold was changed, its type was taught anew, or another version is in use.`),
    el("div", { class: "buttons" }, models.map((other) => el("a", { class: "button", href: `/models/${other.id}` }, `${other.part_type}, as it is now`)))));
}

try {
  const session = await head("/models");
  ask("/api/status").then(showReadiness, fail);
  const models = await ask("/api/models");
  if (!models.some((other) => other.id === id)) {
    showReplaced(models);
  } else {
    model = await ask(`/api/models/${encodeURIComponent(id)}`);
    showTop();
    showChange(session);
    showThreshold();
    showLosses();
    showLineage();
    await showTemplate();
  }
} catch (error) {
  fail(error);
}
