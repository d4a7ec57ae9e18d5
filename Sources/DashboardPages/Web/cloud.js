// part-cloud/1: a part's points with their scores, as the monitor keeps them.
import { ask, request } from "/assets/common.js";

export function parseCloud(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 8 || view.getUint32(0, false) !== 0x53574331) throw new Error("the points are not a part-cloud/1");
  const length = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const arrays = {};
  let place = 8 + length;
  for (const name of header.arrays) {
    const values = name === "position" ? 3 * header.points : header.points;
    arrays[name] = new Float32Array(buffer, place, values);
    place += 4 * values;
  }
  return { header, arrays };
}

export const fetchCloud = async (path) => parseCloud(await (await request(path, "application/octet-stream")).arrayBuffer());

/// A cloud that may have been removed meanwhile, as newer parts came: null then.
export async function fetchKept(resultID) {
  try {
    return await fetchCloud(`/api/parts/${encodeURIComponent(resultID)}/cloud`);
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/// A part's verdict and what is kept of it, once that is settled, or nobody waits for it any more.
export async function waitForKept(resultID, isWanted = () => true) {
  const path = `/api/parts/${encodeURIComponent(resultID)}`;
  let part = await ask(path);
  while (part.pending && isWanted()) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    part = await ask(path);
  }
  return part;
}

// Score over threshold, and colour: grey while the surface is as taught, then ColorBrewer's YlOrRd, as on the pictures.
const stops = [
  [0, 0xc4c9cf], [0.55, 0xcbcdcd], [1, 0xfed976], [1.35, 0xfeb24c], [1.7, 0xfd8d3c], [2, 0xfc4e2a], [2.35, 0xe31a1c],
  [2.7, 0xbd0026], [3, 0x800026],
];
export const topRatio = 3;
export const missingColor = [0xc2 / 255, 0x18 / 255, 0x8f / 255];

/// The colour of a ratio, three numbers of 0 to 1.
export function color(ratio) {
  if (Number.isNaN(ratio)) return [0.56, 0.66, 0.77];
  const place = Math.min(Math.max(ratio, 0), topRatio);
  let upper = stops.findIndex(([at]) => at >= place);
  if (upper < 1) upper = upper < 0 ? stops.length - 1 : 1;
  const [from, low] = stops[upper - 1], [to, high] = stops[upper];
  const share = Math.min(1, (place - from) / (to - from));
  return [16, 8, 0].map((shift) => (((low >> shift) & 255) * (1 - share) + ((high >> shift) & 255) * share) / 255);
}

const table = Array.from({ length: 769 }, (_, index) => color((index / 768) * topRatio));

/// Colours of a cloud by one of its arrays: `score` or `channel:NAME`.
export function colors(cloud, array) {
  const { header, arrays } = cloud, values = arrays[array];
  const result = new Float32Array(3 * header.points);
  const threshold = (array === "score" ? header.threshold : header.channel_thresholds?.[array.slice(8)]) || 1;
  for (let index = 0; index < header.points; index += 1) {
    const ratio = values ? values[index] / threshold : 0;
    const one = index >= header.missing_from ? missingColor
      : Number.isNaN(ratio) ? color(NaN) : table[Math.round(Math.min(Math.max(ratio / topRatio, 0), 1) * 768)];
    result.set(one, 3 * index);
  }
  return result;
}
