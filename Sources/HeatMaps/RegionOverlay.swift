import Inspection
import PointClouds

/// The boxes of regions with their numbers, over a view.
enum RegionOverlay {
    static let ink = RGB(hex: 0x14_2C_4C)
    /// More would hide the part; the table of regions has them all.
    static let mostRegions = 9

    /// Draws each box, what lies behind the surface faintly, and a number beside each box that is at least partly in
    /// front.
    /// - Parameter margin: mm around the box, so that its lines do not lie on the finding itself.
    static func draw(
        _ regions: [Region], of map: ScoreMap, on view: inout PointCloudRenderer.View, margin: Float
    ) {
        var taken: [SIMD2<Float>] = []
        let camera = view.camera
        let boxes = regions.prefix(mostRegions).compactMap { region in
            corners(of: region.box, margin: margin).map { Outline($0.map { flattened($0, camera) }) }
        }
        for region in regions.prefix(mostRegions) {
            guard let corners = corners(of: region.box, margin: margin) else { continue }
            let slack = 2 * margin * view.camera.scale
            let shown = isShown(region, of: map, view: view, margin: margin)
            var solid: [[SIMD2<Float>]] = []
            var faint: [[SIMD2<Float>]] = []
            for (from, to) in edges {
                let (visible, hidden) = split(corners[from], corners[to], view: view, slack: slack)
                solid += visible
                faint += hidden
            }
            // A region on the far side is a faint box without a number.
            view.image.stroke(faint, width: 1, ink, alpha: 0.22)
            view.image.stroke(solid, width: shown ? 1.4 : 1, ink, alpha: shown ? 0.9 : 0.22)
            guard shown else { continue }
            label("\(region.id)", corners: corners, view: &view, boxes: boxes, taken: &taken)
        }
    }

    private static func flattened(_ point: SIMD3<Float>, _ camera: Camera) -> SIMD2<Float> {
        let p = camera.project(point)
        return [p.x, p.y]
    }

    /// The upright rectangle around a box in the picture.
    private struct Outline {
        let lower: SIMD2<Float>
        let upper: SIMD2<Float>

        init(_ points: [SIMD2<Float>]) {
            lower = points.reduce(points.first ?? .zero, pointwiseMin)
            upper = points.reduce(points.first ?? .zero, pointwiseMax)
        }

        func contains(_ place: SIMD2<Float>, margin: Float) -> Bool {
            place.x > lower.x - margin && place.y > lower.y - margin && place.x < upper.x + margin
                && place.y < upper.y + margin
        }
    }

    /// Whether at least a sixth of the region's points can be seen.
    private static func isShown(
        _ region: Region, of map: ScoreMap, view: PointCloudRenderer.View, margin: Float
    ) -> Bool {
        let members = FacingDirection.membership(of: region, in: map, radius: margin)
        var count = 0
        var visible = 0
        for index in map.points.indices where members[index] {
            count += 1
            if !view.hides(map.points[index], slack: 2.5 * margin * view.camera.scale) { visible += 1 }
        }
        return visible * 6 >= max(1, count)
    }

    /// Pairs of corners whose numbers differ in one bit.
    private static let edges: [(Int, Int)] = (0..<8).flatMap { corner in
        [1, 2, 4].filter { corner & $0 == 0 }.map { (corner, corner | $0) }
    }

    /// The eight corners; bit k of the number says on which side along axis k.
    static func corners(of box: OrientedBoundingBox, margin: Float) -> [SIMD3<Float>]? {
        guard box.axes.count == 3, box.center.isFinite, box.extent.isFinite, box.axes.allSatisfy(\.isFinite) else {
            return nil
        }
        let half = box.extent / 2 + margin
        return (0..<8).map { corner in
            var place = box.center
            for axis in 0..<3 {
                let side: Float = corner >> axis & 1 == 1 ? 1 : -1
                place += box.axes[axis] * (side * half[axis])
            }
            return place
        }
    }

    /// An edge cut into pieces in front of the surface and pieces behind it.
    private static func split(
        _ from: SIMD3<Float>, _ to: SIMD3<Float>, view: PointCloudRenderer.View, slack: Float
    ) -> (visible: [[SIMD2<Float>]], hidden: [[SIMD2<Float>]]) {
        var visible: [[SIMD2<Float>]] = []
        var hidden: [[SIMD2<Float>]] = []
        let steps = 48
        var before = SIMD2<Float>.zero
        var wasHidden: Bool?
        for step in 0...steps {
            let point = from + (to - from) * (Float(step) / Float(steps))
            let p = view.camera.project(point)
            let here = SIMD2(p.x, p.y)
            let isHidden = view.hides(point, slack: slack)
            if step > 0 {
                if isHidden {
                    if wasHidden == true, !hidden.isEmpty {
                        hidden[hidden.count - 1].append(here)
                    } else {
                        hidden.append([before, here])
                    }
                } else {
                    if wasHidden == false, !visible.isEmpty {
                        visible[visible.count - 1].append(here)
                    } else {
                        visible.append([before, here])
                    }
                }
            }
            if step > 0 { wasHidden = isHidden }
            before = here
        }
        return (visible, hidden)
    }

    /// A number in a ring off one of the corners of the box's outline, where there is room.
    private static func label(
        _ text: String, corners: [SIMD3<Float>], view: inout PointCloudRenderer.View, boxes: [Outline],
        taken: inout [SIMD2<Float>]
    ) {
        let camera = view.camera
        let flat = corners.map { flattened($0, camera) }
        let outline = Outline(flat)
        let lower = outline.lower
        let upper = outline.upper
        let size = SIMD2(Float(view.image.width), Float(view.image.height))
        let radius: Float = 11
        let gap: Float = 16
        let options: [(anchor: SIMD2<Float>, direction: SIMD2<Float>)] = [
            ([upper.x, lower.y], [1, -1]), ([lower.x, lower.y], [-1, -1]), ([upper.x, upper.y], [1, 1]),
            ([lower.x, upper.y], [-1, 1]), ([upper.x, (lower.y + upper.y) / 2], [1.4, 0]),
            ([lower.x, (lower.y + upper.y) / 2], [-1.4, 0]),
        ]
        // Best on the background, then on the surface, never on another label.
        var best: (place: SIMD2<Float>, cost: Int)?
        for option in options {
            let place = option.anchor + option.direction * gap
            let inside =
                place.x > radius + 4 && place.y > radius + 30 && place.x < size.x - radius - 4
                && place.y < size.y - radius - 30
            guard inside, taken.allSatisfy({ ((place - $0) * (place - $0)).sum() > 26 * 26 }) else { continue }
            let onSurface = view.depth[Int(place.y) * view.camera.width + Int(place.x)].isFinite
            let onBox = boxes.count { $0.contains(place, margin: radius) }
            let cost = (onSurface ? 1 : 0) + 2 * onBox
            if best.map({ cost < $0.cost }) ?? true { best = (place, cost) }
        }
        guard let place = best?.place else { return }
        // The corner of the box nearest to the label, so that the leader ends on a line.
        let end = flat.min { (($0 - place) * ($0 - place)).sum() < (($1 - place) * ($1 - place)).sum() } ?? place
        view.image.stroke([[end, place]], width: 1.4, ink)
        view.image.stroke([[place]], width: 2 * radius + 2.5, ink)
        view.image.stroke([[place]], width: 2 * radius - 0.5, RGB(hex: 0xFF_FF_FF))
        view.image.text(text, at: [place.x, place.y + 5], height: 10, weight: 1.7, ink, align: .center)
        taken.append(place)
    }
}
