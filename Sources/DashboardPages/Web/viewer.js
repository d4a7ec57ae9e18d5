// A point cloud in a canvas: orbit, zoom, boxes with numbers. three.js comes from Debian's libjs-three.
import { surface } from "/assets/normals.js";

let three = null;
/// three.js and its orbit controls; an error with what to install where they are not there.
async function load() {
  three ??= Promise.all([
    import("/three/build/three.module.js"), import("/three/examples/jsm/controls/OrbitControls.js"),
  ]).then(([library, orbit]) => ({ ...library, OrbitControls: orbit.OrbitControls }));
  try {
    return await three;
  } catch {
    three = null;
    throw new Error("3D needs three.js: on the monitor's machine `apt install libjs-three`, or say with `scanward run --three` where it is");
  }
}

// Round points, as large as their distance from each other, lit from where one looks: both sides of a surface alike.
const pointShader = {
  vertex: `
attribute vec3 color; uniform float size; uniform float scale; varying vec3 tint;
void main() {
  vec4 place = modelViewMatrix * vec4(position, 1.0);
  float facing = dot(normal, normal) > 0.0 ? abs(dot(normalize(normalMatrix * normal), normalize(place.xyz))) : 0.8;
  float chroma = max(color.r, max(color.g, color.b)) - min(color.r, min(color.g, color.b));
  tint = color * mix(0.3 + 0.7 * facing, 1.0, 0.45 * chroma);
  gl_Position = projectionMatrix * place;
  gl_PointSize = max(1.5, size * scale / -place.z);
}`,
  fragment: `
varying vec3 tint;
void main() {
  if (length(gl_PointCoord - vec2(0.5)) > 0.5) discard;
  gl_FragColor = vec4(tint, 1.0);
}`,
};

// Eye-dome lighting (Boucheny 2009): an edge where what is behind lies much deeper.
const edgeShader = `
uniform sampler2D image; uniform sampler2D depth; uniform vec2 pixel; uniform float near; uniform float far;
uniform vec3 background; varying vec2 place;
float distanceAt(vec2 at) {
  float z = texture2D(depth, at).x;
  return z >= 1.0 ? 0.0 : log2(near * far / (far - z * (far - near)));
}
void main() {
  vec4 color = texture2D(image, place);
  if (texture2D(depth, place).x >= 1.0) { gl_FragColor = vec4(background, 1.0); return; }
  float here = distanceAt(place), sum = 0.0;
  for (int i = 0; i < 8; i++) {
    float angle = float(i) * 0.7853982;
    vec2 offset = vec2(cos(angle), sin(angle)) * pixel * 1.6;
    float there = distanceAt(place + offset);
    sum += there == 0.0 ? 0.02 : max(0.0, here - there);
  }
  gl_FragColor = vec4(color.rgb * exp(-sum * 6.0), 1.0);
}`;

function message(sentence) {
  const element = document.createElement("p");
  element.className = "message";
  element.textContent = sentence;
  return element;
}

export class CloudViewer {
  /// Fills `container` (class viewer) with a canvas, or with a sentence why there is none.
  static async make(container, { label, caption }) {
    const viewer = new CloudViewer();
    try {
      viewer.start(await load(), container, label, caption);
    } catch (error) {
      container.replaceChildren(message(error.message.includes("three.js") ? error.message : "This browser has no WebGL: no 3D is shown."));
      return null;
    }
    return viewer;
  }

  start(library, container, label, caption) {
    this.library = library;
    this.container = container;
    this.followers = [];
    this.tags = [];
    const renderer = new library.WebGLRenderer({ antialias: false, preserveDrawingBuffer: true });
    this.renderer = renderer;
    container.replaceChildren();
    const canvas = renderer.domElement;
    canvas.tabIndex = 0;
    // It takes keys, as no picture does.
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "3D picture");
    canvas.setAttribute("aria-label", `${label}. Arrow keys turn it, + and - zoom, 0 resets.`);
    container.append(canvas);
    this.canvas = canvas;
    this.watchContext();
    if (caption) {
      const line = document.createElement("span");
      line.className = "caption";
      line.textContent = caption;
      container.append(line);
    }
    this.camera = new library.PerspectiveCamera(28, 1, 1, 1000);
    this.camera.up.set(0, 0, 1);
    this.controls = new library.OrbitControls(this.camera, canvas);
    this.controls.enableKeys = false;
    this.controls.screenSpacePanning = true;
    this.controls.rotateSpeed = 0.8;
    this.controls.addEventListener("change", () => this.didMove());
    this.controls.addEventListener("start", () => { this.isAsFramed = false; });
    this.leaveScrollingToThePage();
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.scene = new library.Scene();
    this.boxes = new library.Group();
    this.scene.add(this.boxes);
    this.material = new library.ShaderMaterial({
      vertexShader: pointShader.vertex, fragmentShader: pointShader.fragment, uniforms: { size: { value: 1 }, scale: { value: 1 } },
    });
    this.stroke = new library.LineBasicMaterial({ color: 0xd01020 });
    this.prepareEdges();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(container);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", () => this.draw());
    this.resize();
  }

  /// A graphics driver that starts anew takes all contexts with it; three.js fills the one that comes back.
  watchContext() {
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      if (this.cloud) this.say("The graphics of this device were interrupted; the picture comes back with them.");
    });
    this.canvas.addEventListener("webglcontextrestored", () => {
      if (!this.cloud) return;
      this.say(null);
      this.draw();
    });
  }

  /// A finger on a picture that is as wide as the tablet scrolls the page, until the picture has the focus (a tap).
  leaveScrollingToThePage() {
    const canvas = this.canvas;
    canvas.addEventListener("touchstart", (event) => {
      this.controls.enabled = document.activeElement === canvas || event.touches.length > 1;
    }, { capture: true, passive: true });
    for (const end of ["touchend", "touchcancel"]) {
      canvas.addEventListener(end, (event) => {
        if (event.touches.length === 0) this.controls.enabled = true;
      }, { passive: true });
    }
  }

  /// A sentence over the picture; null takes it away.
  say(sentence) {
    this.container.querySelector(".message")?.remove();
    this.canvas.hidden = sentence !== null;
    if (sentence !== null) this.container.append(message(sentence));
  }

  /// Shows a sentence in place of points.
  clear(sentence) {
    this.removeCloud();
    this.outline([], [0, 0, 0], null);
    this.say(sentence);
  }

  removeCloud() {
    if (!this.cloud) return;
    this.scene.remove(this.cloud);
    this.cloud.geometry.dispose();
    this.cloud = null;
  }

  prepareEdges() {
    const { library } = this;
    this.target = new library.WebGLRenderTarget(4, 4);
    this.target.depthTexture = new library.DepthTexture(4, 4, library.UnsignedIntType);
    this.edges = new library.ShaderMaterial({
      depthTest: false, depthWrite: false, fragmentShader: edgeShader,
      vertexShader: "varying vec2 place; void main() { place = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }",
      uniforms: {
        image: { value: this.target.texture }, depth: { value: this.target.depthTexture },
        pixel: { value: new library.Vector2() }, near: { value: 1 }, far: { value: 2 }, background: { value: new library.Color() },
      },
    });
    this.screen = new library.Scene();
    const quad = new library.Mesh(new library.PlaneBufferGeometry(2, 2), this.edges);
    quad.frustumCulled = false;
    this.screen.add(quad);
    this.screenCamera = new library.OrthographicCamera(-1, 1, 1, -1, 0, 1);
  }

  /// Shows points: `positions` relative to any origin, `colors` as many numbers.
  show(positions, colors) {
    const { library } = this;
    this.removeCloud();
    this.say(null);
    const geometry = new library.BufferGeometry();
    geometry.setAttribute("position", new library.BufferAttribute(positions, 3));
    geometry.setAttribute("color", new library.BufferAttribute(colors, 3));
    const { normals, spacing } = surface(positions);
    geometry.setAttribute("normal", new library.BufferAttribute(normals, 3));
    geometry.computeBoundingBox();
    this.box = geometry.boundingBox;
    this.center = this.box.getCenter(new library.Vector3());
    const size = this.box.getSize(new library.Vector3());
    this.radius = Math.max(size.length() / 2, 1e-3);
    this.material.uniforms.size.value = 5.4 * spacing;
    this.cloud = new library.Points(geometry, this.material);
    this.scene.add(this.cloud);
    this.draw();
  }

  recolor(colors) {
    if (!this.cloud) return;
    this.cloud.geometry.setAttribute("color", new this.library.BufferAttribute(colors, 3));
    this.draw();
  }

  /// Boxes of regions, with their numbers as buttons; `origin` is subtracted.
  outline(regions, origin, onPick) {
    const { library } = this;
    for (const child of [...this.boxes.children]) {
      this.boxes.remove(child);
      child.geometry.dispose();
    }
    this.tags.forEach(({ tag }) => tag.remove());
    this.tags = [];
    for (const region of regions) {
      const center = new library.Vector3(...region.obb.center.map((value, axis) => value - origin[axis]));
      const axes = [0, 1, 2].map((axis) => new library.Vector3(...region.obb.axes.slice(3 * axis, 3 * axis + 3))
        .multiplyScalar(Math.max(region.obb.extent[axis], this.radius * 0.02) / 2 * 1.08));
      const corner = (a, b, c) => center.clone().addScaledVector(axes[0], a).addScaledVector(axes[1], b).addScaledVector(axes[2], c);
      const points = [];
      for (const a of [-1, 1]) for (const b of [-1, 1]) {
        points.push(corner(-1, a, b), corner(1, a, b), corner(a, -1, b), corner(a, 1, b), corner(a, b, -1), corner(a, b, 1));
      }
      this.boxes.add(new library.LineSegments(new library.BufferGeometry().setFromPoints(points), this.stroke));
      const tag = document.createElement("button");
      tag.type = "button";
      tag.className = "tag";
      tag.textContent = String(region.id);
      tag.setAttribute("aria-label", `Region ${region.id}: look at it`);
      tag.addEventListener("click", () => onPick(region));
      this.container.append(tag);
      this.tags.push({ tag, at: corner(0, 0, 0) });
    }
    this.draw();
  }

  /// Looks at the whole from the side of `place` (in shown coordinates), or from a corner.
  frame(place = null) {
    const { library } = this;
    let direction = new library.Vector3(0.62, -1, 0.55);
    if (place) {
      const outward = new library.Vector3(...place).sub(this.center);
      // A little from above, so that the form is seen too.
      if (outward.length() > this.radius * 0.05) direction = outward.normalize().add(new library.Vector3(0.15, -0.1, 0.35));
    }
    this.lookAtAll(direction);
  }

  /// From so far away that the whole box is in the picture.
  lookAtAll(direction) {
    const { library, box, center, camera } = this;
    this.isAsFramed = true;
    this.look(center, direction, this.radius);
    const tangent = Math.tan((camera.fov * Math.PI) / 360), distance = camera.position.distanceTo(center);
    camera.updateMatrixWorld();
    // Where another picture goes along, the narrower one decides.
    const aspect = Math.min(camera.aspect, ...this.followers.map((other) => other.camera.aspect));
    let needed = 0;
    for (let corner = 0; corner < 8; corner += 1) {
      const place = new library.Vector3(corner & 1 ? box.max.x : box.min.x, corner & 2 ? box.max.y : box.min.y, corner & 4 ? box.max.z : box.min.z)
        .applyMatrix4(camera.matrixWorldInverse);
      needed = Math.max(needed, Math.abs(place.x) / (tangent * aspect) + place.z + distance, Math.abs(place.y) / tangent + place.z + distance);
    }
    camera.position.copy(center).addScaledVector(direction.clone().normalize(), needed * 1.04);
    this.home = { direction: direction.clone() };
    this.controls.update();
    this.didMove();
  }

  /// Looks at a place from near by.
  approach(place, size) {
    const at = new this.library.Vector3(...place);
    this.isAsFramed = false;
    this.look(at, this.camera.position.clone().sub(this.controls.target), Math.max(size * 1.6, this.radius * 0.2));
  }

  look(at, direction, radius) {
    const aspect = Math.min(1, this.camera.aspect);
    const distance = radius / Math.sin((this.camera.fov * Math.PI) / 360) / aspect;
    this.controls.target.copy(at);
    this.camera.position.copy(at).addScaledVector(direction.clone().normalize(), distance);
    this.controls.update();
    this.didMove();
  }

  /// The other viewer's camera goes along, and this one's with it.
  couple(other) {
    this.followers.push(other);
    other.followers.push(this);
    if (this.home) this.lookAtAll(this.home.direction);
  }

  didMove() {
    this.draw();
    if (this.isFollowing) return;
    for (const other of this.followers) {
      other.isFollowing = true;
      other.isAsFramed = this.isAsFramed;
      other.controls.target.copy(this.controls.target);
      other.camera.position.copy(this.camera.position);
      other.controls.update();
      other.isFollowing = false;
      other.draw();
    }
  }

  key(event) {
    const step = 0.12, offset = this.camera.position.clone().sub(this.controls.target);
    const spherical = new this.library.Spherical().setFromVector3(new this.library.Vector3(offset.x, offset.z, -offset.y));
    switch (event.key) {
      case "ArrowLeft": spherical.theta -= step; break;
      case "ArrowRight": spherical.theta += step; break;
      case "ArrowUp": spherical.phi = Math.max(0.05, spherical.phi - step); break;
      case "ArrowDown": spherical.phi = Math.min(Math.PI - 0.05, spherical.phi + step); break;
      case "+": case "=": spherical.radius *= 0.9; break;
      case "-": spherical.radius *= 1.1; break;
      case "0": if (this.home) this.lookAtAll(this.home.direction); event.preventDefault(); return;
      default: return;
    }
    event.preventDefault();
    this.isAsFramed = false;
    const turned = new this.library.Vector3().setFromSpherical(spherical);
    this.camera.position.copy(this.controls.target).add(new this.library.Vector3(turned.x, -turned.z, turned.y));
    this.controls.update();
    this.didMove();
  }

  resize() {
    const width = this.container.clientWidth, height = this.container.clientHeight;
    if (width < 2 || height < 2) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
    this.target.setSize(Math.round(width * ratio), Math.round(height * ratio));
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    // A tablet that is turned: the whole stays in the picture, until somebody turned the part.
    if (this.home && this.cloud && (!this.wasSized || this.isAsFramed)) this.lookAtAll(this.home.direction);
    this.wasSized = true;
    this.draw();
  }

  draw() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.drawNow();
    });
  }

  drawNow() {
    if (!this.cloud) return;
    const { camera, renderer, edges } = this;
    const distance = camera.position.distanceTo(this.center);
    camera.near = Math.max(distance - 1.5 * this.radius, this.radius / 200);
    camera.far = distance + 1.5 * this.radius;
    camera.updateProjectionMatrix();
    this.material.uniforms.scale.value = this.target.height / (2 * Math.tan((camera.fov * Math.PI) / 360));
    const background = getComputedStyle(document.documentElement).getPropertyValue("--canvas").trim();
    edges.uniforms.background.value.set(background || "#e3e8ed");
    edges.uniforms.near.value = camera.near;
    edges.uniforms.far.value = camera.far;
    edges.uniforms.pixel.value.set(1 / this.target.width, 1 / this.target.height);
    this.boxes.visible = false;
    renderer.setRenderTarget(this.target);
    renderer.setClearColor(0x000000, 1);
    renderer.clear();
    renderer.render(this.scene, camera);
    renderer.setRenderTarget(null);
    renderer.autoClear = false;
    renderer.clear();
    renderer.render(this.screen, this.screenCamera);
    this.boxes.visible = true;
    this.cloud.visible = false;
    renderer.render(this.scene, camera);
    this.cloud.visible = true;
    this.placeTags();
    this.container.dataset.geometries = String(renderer.info.memory.geometries);
    this.container.dataset.drawn = String(Number(this.container.dataset.drawn ?? 0) + 1);
  }

  placeTags() {
    const width = this.container.clientWidth, height = this.container.clientHeight;
    for (const { tag, at } of this.tags) {
      const seen = at.clone().project(this.camera);
      const isIn = Math.abs(seen.x) < 1 && Math.abs(seen.y) < 1;
      tag.hidden = !isIn;
      tag.style.left = `${((seen.x + 1) / 2) * width + 30}px`;
      tag.style.top = `${((1 - seen.y) / 2) * height - 34}px`;
    }
  }
}
