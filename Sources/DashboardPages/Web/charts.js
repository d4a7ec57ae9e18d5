// Charts as SVG: few lines each, every number a text of its own.
import { evaluations, known, number, partName, partPath } from "/assets/common.js";

const space = "http://www.w3.org/2000/svg";
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  for (const child of children.flat()) element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  return element;
}

function frame(width, height, label) {
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
}

const text = (x, y, anchor, words, name = "") => svg("text", { x, y, "text-anchor": anchor, class: name }, words);

/// Round numbers from `low` to `high`.
function ticks(low, high, wanted = 4) {
  const raw = (high - low) / wanted || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw);
  const result = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) result.push(value);
  return { values: result, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

/// Scores over time, oldest left, with the threshold as it was for each part.
///
/// Each dot leads to its part. One of them is reached with Tab, the others from there with the arrow keys.
export function scoreHistory(verdicts, { here = null, width = 900, height = 220 } = {}) {
  const left = 46, right = 14, top = 14, bottom = 24;
  const chart = frame(width, height, "Scores of the last parts, and their threshold");
  chart.setAttribute("role", "group");
  const links = [];
  const scored = verdicts.filter((verdict) => Number.isFinite(verdict.score));
  if (scored.length === 0) {
    chart.append(text(width / 2, height / 2, "middle", "no scored parts yet"));
    return chart;
  }
  const sorted = scored.map((verdict) => verdict.score).sort((a, b) => a - b);
  const threshold = Math.max(...scored.map((verdict) => verdict.threshold ?? 0));
  // A part that is far out must not flatten all others: it is drawn at the upper edge.
  const high = Math.min(Math.max(threshold * 1.35, sorted[sorted.length - 1] * 1.06), threshold > 0 ? threshold * 4 : Infinity);
  const x = (index) => left + ((width - left - right) * (index + 0.5)) / scored.length;
  const y = (value) => height - bottom - (height - top - bottom) * Math.min(1, value / high);
  const scale = ticks(0, high);
  for (const value of scale.values) {
    chart.append(svg("line", { class: "axis", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      text(left - 8, y(value) + 4, "end", value.toFixed(scale.digits)));
  }
  let path = "";
  scored.forEach((verdict, index) => {
    if (!verdict.threshold) return;
    const from = left + ((width - left - right) * index) / scored.length;
    path += `${path === "" ? "M" : "L"}${from} ${y(verdict.threshold)}H${x(index) * 2 - from}`;
  });
  scored.forEach((verdict, index) => {
    const isHere = verdict.result_id === here, isOver = verdict.score > high;
    const radius = isHere ? 7 : Math.max(2.5, Math.min(5, 260 / scored.length));
    const dot = isOver
      ? svg("path", { class: "dot", d: `M${x(index) - radius - 1} ${top + radius * 2}h${2 * radius + 2}l${-radius - 1} ${-2 * radius}z` })
      : svg("circle", { class: "dot", cx: x(index), cy: y(verdict.score), r: radius });
    dot.classList.add(verdict.evaluation);
    if (isHere) dot.classList.add("here");
    const words = `${partName(verdict)}: ${evaluations[known(verdict.evaluation)].word}, score ${number(verdict.score)}`;
    dot.append(svg("title", {}, words));
    const link = svg("a", { href: partPath(verdict), "aria-label": words, tabindex: -1 }, dot);
    links.push(link);
    chart.append(link);
  });
  rove(chart, links, Math.max(0, scored.findIndex((verdict) => verdict.result_id === here)));
  chart.append(svg("path", { class: "threshold", d: path, fill: "none" }));
  const last = scored[scored.length - 1].threshold;
  if (last) chart.append(text(width - right, y(last) - 6, "end", `threshold ${number(last)}`, "threshold-text"));
  chart.append(text(left, height - 6, "start", `${scored.length} parts, oldest first`), text(width - right, height - 6, "end", "newest"));
  return chart;
}

/// One of `links` is a stop of the Tab key, at first that at `index`; arrows, Home and End lead to the others.
function rove(chart, links, index) {
  let current = index;
  links[current].setAttribute("tabindex", "0");
  chart.addEventListener("focusin", (event) => {
    const next = links.indexOf(event.target.closest("a"));
    if (next < 0) return;
    links[current].setAttribute("tabindex", "-1");
    current = next;
    links[current].setAttribute("tabindex", "0");
  });
  chart.addEventListener("keydown", (event) => {
    const next = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: links.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    links[Math.min(links.length - 1, Math.max(0, next))].focus();
  });
}

/// Where a score lies between 0 and beyond the threshold.
export function meter(score, threshold) {
  const width = 420, height = 44, chart = frame(width, height, `Score ${number(score)}, threshold ${number(threshold)}`);
  chart.setAttribute("class", "chart meter");
  const share = Math.min(1, score / threshold / 2), middle = width / 2;
  chart.append(svg("rect", { x: 0, y: 18, width, height: 12, rx: 6, fill: "var(--line)" }),
    svg("rect", { x: 0, y: 18, width: Math.max(6, width * share), height: 12, rx: 6, fill: "var(--tone)" }),
    svg("line", { x1: middle, x2: middle, y1: 11, y2: 36, stroke: "var(--text)", "stroke-width": 2.5 }),
    text(0, 12, "start", `score ${number(score)}`), text(middle + 6, 12, "start", `threshold ${number(threshold)}`));
  return chart;
}

/// Good parts' scores as a histogram, with the threshold and one that is proposed.
export function histogram(scores, { threshold, proposed = null, label = "score" }) {
  const width = 640, height = 230, left = 34, right = 16, top = 30, bottom = 40;
  const chart = frame(width, height, "Scores of good parts, and the threshold");
  if (scores.length === 0) {
    chart.append(text(width / 2, height / 2, "middle", "no scores of good parts are kept"));
    return chart;
  }
  const high = Math.max(...scores, threshold, proposed ?? 0) * 1.08;
  const bins = 40, counts = new Array(bins).fill(0);
  for (const score of scores) counts[Math.min(bins - 1, Math.floor((score / high) * bins))] += 1;
  const most = Math.max(...counts);
  const x = (value) => left + ((width - left - right) * value) / high;
  const y = (value) => height - bottom - ((height - top - bottom) * value) / most;
  for (const value of ticks(0, most, 3).values.filter(Number.isInteger)) {
    chart.append(svg("line", { class: "axis", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      text(left - 7, y(value) + 4, "end", value));
  }
  counts.forEach((value, index) => {
    if (value > 0) {
      chart.append(svg("rect", { class: "bar", x: x((high * index) / bins) + 1, width: Math.max(2, (width - left - right) / bins - 2), y: y(value), height: height - bottom - y(value), rx: 2 }));
    }
  });
  const scale = ticks(0, high, 6);
  for (const value of scale.values) chart.append(text(x(value), height - bottom + 16, "middle", value.toFixed(scale.digits)));
  chart.append(text((left + width) / 2, height - 4, "middle", label));
  line(chart, x(threshold), top - 6, height - bottom, "threshold", `threshold ${number(threshold)}`, 12);
  if (proposed !== null && proposed > 0 && Math.abs(proposed - threshold) > 1e-9) {
    line(chart, x(proposed), top + 6, height - bottom, "proposed", `new ${number(proposed)}`, 30);
  }
  return chart;
}

function line(chart, x, from, to, name, words, at) {
  const isRight = x > 520;
  chart.append(svg("line", { class: name, x1: x, x2: x, y1: from, y2: to }),
    text(isRight ? x - 6 : x + 6, at, isRight ? "end" : "start", words, `${name}-text`));
}

/// Curves over a common axis: [{name, points: [[x, y]]}], y from 0 to 1 as per cent.
export function shareCurves(curves, label) {
  const width = 640, height = 240, left = 46, right = 16, top = 12, bottom = 40;
  const chart = frame(width, height, "Share of synthetic defects found, by size");
  const high = Math.max(...curves.flatMap((curve) => curve.points.map(([at]) => at)), 1e-9) * 1.03;
  const x = (value) => left + ((width - left - right) * value) / high;
  const y = (value) => height - bottom - (height - top - bottom) * value;
  for (const value of [0, 0.25, 0.5, 0.75, 1]) {
    chart.append(svg("line", { class: "axis", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      text(left - 8, y(value) + 4, "end", `${value * 100} %`));
  }
  const scale = ticks(0, high, 6);
  for (const value of scale.values) chart.append(text(x(value), height - bottom + 16, "middle", value.toFixed(scale.digits)));
  chart.append(text((left + width) / 2, height - 4, "middle", label));
  curves.forEach((curve) => {
    chart.append(svg("polyline", { class: `curve apart c${curve.color}`, points: curve.points.map(([at, share]) => `${x(at)},${y(share)}`).join(" ") }));
    for (const [at, share] of curve.points) {
      chart.append(svg("circle", { class: `curve-dot c${curve.color}`, cx: x(at), cy: y(share), r: 4 },
        svg("title", {}, `${curve.name}: ${number(at)} mm, ${Math.round(share * 100)} %`)));
    }
  });
  return chart;
}

/// Losses over steps, logarithmic: [{name, points, color}], and the loss before the first step.
export function losses(curves, before) {
  const width = 640, height = 240, left = 66, right = 16, top = 12, bottom = 40;
  const chart = frame(width, height, "Loss over training steps");
  const all = curves.flatMap((curve) => curve.points).filter(([, loss]) => loss > 0);
  const values = [...all.map(([, loss]) => loss), ...(before > 0 ? [before] : [])];
  const low = Math.log10(Math.min(...values)) - 0.03, high = Math.log10(Math.max(...values)) + 0.03;
  const last = Math.max(...all.map(([step]) => step), 1);
  const x = (step) => left + ((width - left - right) * step) / last;
  const y = (loss) => height - bottom - ((height - top - bottom) * (Math.log10(loss) - low)) / (high - low || 1);
  for (const share of [0, 1 / 3, 2 / 3, 1]) {
    const value = 10 ** (low + share * (high - low));
    chart.append(svg("line", { class: "axis", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      text(left - 8, y(value) + 4, "end", value.toExponential(1)));
  }
  for (const step of ticks(0, last, 5).values) chart.append(text(x(step), height - bottom + 16, "middle", step));
  chart.append(text((left + width) / 2, height - 4, "middle", "step"));
  if (before > 0) chart.append(svg("line", { class: "proposed", x1: left, x2: width - right, y1: y(before), y2: y(before) }));
  for (const curve of curves) {
    chart.append(svg("polyline", { class: `curve c${curve.color}`, points: curve.points.filter(([, loss]) => loss > 0).map(([step, loss]) => `${x(step)},${y(loss)}`).join(" ") }));
  }
  return chart;
}

/// What the lines of a chart mean; `isApart` as those of `shareCurves` are drawn.
export function key(entries, isApart = false) {
  return entries.map(({ name, color }) => {
    const item = document.createElement("span");
    item.className = "key";
    item.append(svg("svg", { viewBox: "0 0 26 10" }, svg("line", { class: `curve c${color}${isApart ? " apart" : ""}`, x1: 0, x2: 26, y1: 5, y2: 5 })), name);
    return item;
  });
}
