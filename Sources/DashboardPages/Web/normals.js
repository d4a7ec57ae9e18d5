// How far apart the points of a cloud lie, and which way its surface faces: for drawing alone.

/// Distance to the nearest point (the median of some), and a unit normal for each point, without a side.
export function surface(positions) {
  const count = positions.length / 3;
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (let index = 0; index < positions.length; index += 1) {
    low[index % 3] = Math.min(low[index % 3], positions[index]);
    high[index % 3] = Math.max(high[index % 3], positions[index]);
  }
  const side = [0, 1, 2].map((axis) => Math.max(high[axis] - low[axis], 1e-6));
  const area = 2 * (side[0] * side[1] + side[1] * side[2] + side[2] * side[0]);
  const grid = new Grid(positions, low, side, 1.6 * Math.sqrt(area / Math.max(1, count)));
  const normals = new Float32Array(positions.length), distances = [];
  for (let index = 0; index < count; index += 1) {
    const nearest = grid.normal(index, normals);
    if (index % 16 === 0 && Number.isFinite(nearest)) distances.push(nearest);
  }
  distances.sort((a, b) => a - b);
  return { normals, spacing: Math.sqrt(distances[distances.length >> 1] ?? area / Math.max(1, count)) };
}

class Grid {
  constructor(positions, low, side, cell) {
    this.positions = positions;
    this.low = low;
    this.cell = Math.max(cell, Math.max(...side) / 500);
    this.size = side.map((length) => Math.floor(length / this.cell) + 1);
    const count = positions.length / 3, cells = this.size[0] * this.size[1] * this.size[2];
    this.start = new Uint32Array(cells + 1);
    this.points = new Uint32Array(count);
    const place = new Uint32Array(count);
    for (let index = 0; index < count; index += 1) {
      place[index] = this.at(...this.cellOf(index));
      this.start[place[index] + 1] += 1;
    }
    for (let index = 0; index < cells; index += 1) this.start[index + 1] += this.start[index];
    const next = this.start.slice();
    for (let index = 0; index < count; index += 1) this.points[next[place[index]]++] = index;
  }

  cellOf(index) {
    return [0, 1, 2].map((axis) => Math.min(this.size[axis] - 1, Math.floor((this.positions[3 * index + axis] - this.low[axis]) / this.cell)));
  }

  at(x, y, z) { return (z * this.size[1] + y) * this.size[0] + x; }

  /// Writes the normal of a point's neighbourhood (the 27 cells about it, within one cell); returns the squared distance to
  /// the nearest neighbour.
  normal(index, normals) {
    const { positions, size } = this, [cx, cy, cz] = this.cellOf(index);
    const px = positions[3 * index], py = positions[3 * index + 1], pz = positions[3 * index + 2], reach = this.cell * this.cell;
    let n = 0, sx = 0, sy = 0, sz = 0, xx = 0, xy = 0, xz = 0, yy = 0, yz = 0, zz = 0, nearest = Infinity;
    for (let z = Math.max(0, cz - 1); z <= Math.min(size[2] - 1, cz + 1); z += 1) {
      for (let y = Math.max(0, cy - 1); y <= Math.min(size[1] - 1, cy + 1); y += 1) {
        const from = this.start[this.at(Math.max(0, cx - 1), y, z)], to = this.start[this.at(Math.min(size[0] - 1, cx + 1), y, z) + 1];
        for (let slot = from; slot < to; slot += 1) {
          const other = this.points[slot], dx = positions[3 * other] - px, dy = positions[3 * other + 1] - py, dz = positions[3 * other + 2] - pz;
          const distance = dx * dx + dy * dy + dz * dz;
          if (distance > reach) continue;
          if (other !== index && distance < nearest) nearest = distance;
          n += 1;
          sx += dx; sy += dy; sz += dz; xx += dx * dx; xy += dx * dy; xz += dx * dz; yy += dy * dy; yz += dy * dz; zz += dz * dz;
        }
      }
    }
    const covariance = [xx - (sx * sx) / n, xy - (sx * sy) / n, xz - (sx * sz) / n, yy - (sy * sy) / n, yz - (sy * sz) / n, zz - (sz * sz) / n];
    normals.set(n < 4 ? [0, 0, 0] : smallest(covariance), 3 * index);
    return nearest;
  }
}

/// The eigenvector of the smallest eigenvalue of a symmetric matrix (xx, xy, xz, yy, yz, zz); zeros where there is none.
function smallest([a, b, c, d, e, f]) {
  const mean = (a + d + f) / 3, off = b * b + c * c + e * e;
  const p = Math.sqrt(((a - mean) ** 2 + (d - mean) ** 2 + (f - mean) ** 2 + 2 * off) / 6);
  if (!(p > 0)) return [0, 0, 0];
  const A = (a - mean) / p, D = (d - mean) / p, F = (f - mean) / p, B = b / p, C = c / p, E = e / p;
  const half = (A * (D * F - E * E) - B * (B * F - E * C) + C * (B * E - D * C)) / 2;
  const angle = Math.acos(Math.min(1, Math.max(-1, half))) / 3;
  const value = mean + 2 * p * Math.cos(angle + (2 * Math.PI) / 3);
  // Two rows of the matrix less the eigenvalue span the plane that the vector is normal to: the best pair of three.
  const rows = [[a - value, b, c], [b, d - value, e], [c, e, f - value]];
  let best = [0, 0, 0], length = 0;
  for (const [u, v] of [[rows[0], rows[1]], [rows[0], rows[2]], [rows[1], rows[2]]]) {
    const cross = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    const norm = Math.hypot(...cross);
    if (norm > length) [best, length] = [cross, norm];
  }
  return length > 0 ? best.map((value) => value / length) : [0, 0, 0];
}
