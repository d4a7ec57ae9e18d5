import Inspection
import ParallelLoops

/// The layout of the picture: a title, four views, a legend.
enum HeatMapPicture {
    static let width = 1500
    static let height = 640
    static let text = RGB(hex: 0x1B_25_30)
    static let quiet = RGB(hex: 0x5B_67_73)
    static let white = RGB(hex: 0xFF_FF_FF)
    private static let panelTop = 84
    private static let panelHeight = 536

    static func draw(_ input: HeatMapInput, workers: Workers) -> Image {
        var image = Image(width: width, height: height, fill: white)
        drawTitle(input, on: &image)
        let renderer = PointCloudRenderer(map: input.map, scale: input.colorScale, workers: workers)
        let finite = input.map.points.filter(\.isFinite)
        for panel in panels(input, renderer: renderer, finite: finite, workers: workers) {
            var view = renderer.view(panel.camera)
            RegionOverlay.draw(input.regions, of: input.map, on: &view, margin: 0.4 * renderer.partRadius)
            let captionWidth = StrokeFont.width(panel.caption, height: 10.5)
            view.image.pill(x: 4, y: 8, width: captionWidth + 20, height: 24, PointCloudRenderer.background, alpha: 0.8)
            view.image.text(panel.caption, at: [14, 24.5], height: 10.5, quiet)
            if finite.isEmpty {
                let middle = SIMD2(Float(panel.camera.width) / 2, Float(panel.camera.height) / 2)
                view.image.text("no points", at: middle, height: 12, quiet, align: .center)
            } else {
                ScaleBar.draw(on: &view.image, pixelsPerMillimetre: panel.camera.scale)
            }
            image.place(view.image, x: panel.x, y: panel.y)
        }
        Legend.draw(input, on: &image, x: 1378, top: panelTop, height: panelHeight)
        return image
    }

    private struct Panel {
        let caption: String
        let camera: Camera
        let x: Int
        let y: Int
    }

    /// Facing the first region and opposite, both to one scale; a close-up and the view from above beside them.
    private static func panels(
        _ input: HeatMapInput, renderer: PointCloudRenderer, finite: [SIMD3<Float>], workers: Workers
    ) -> [Panel] {
        let worst = input.regions.first { RegionOverlay.corners(of: $0.box, margin: 0) != nil }
        let facing =
            worst.map { FacingDirection.of($0, in: input.map, radius: renderer.partRadius, workers: workers) }
            ?? Camera.direction(azimuth: -0.9, elevation: 25)
        let azimuth = facing.z.magnitude > 0.94 ? -0.9 : Trigonometry.azimuth(of: facing)
        let opposite = Camera.direction(azimuth: azimuth + 2.5, elevation: facing.z > 0.8 ? -20 : 25)
        func fitted(_ toward: SIMD3<Float>, _ width: Int, _ height: Int) -> Camera {
            var camera = Camera(toward: toward, width: width, height: height).fitted(to: finite, margin: 48)
            // A handful of points stays a handful of small discs.
            camera.scale = min(camera.scale, Float(width) / (16 * renderer.partRadius))
            return camera
        }
        var first = fitted(facing, 500, panelHeight)
        var second = fitted(opposite, 500, panelHeight)
        first.scale = min(first.scale, second.scale)
        second.scale = first.scale
        let isTop = facing.z > 0.94
        let third: SIMD3<Float> = isTop ? [0, -1, 0] : [0, 0, 1]
        let thirdName = isTop ? "From the front" : "From above"
        var result = [
            Panel(
                caption: worst.map { "Facing region \($0.id)" } ?? "From the front", camera: first, x: 20, y: panelTop),
            Panel(caption: "From the opposite side", camera: second, x: 530, y: panelTop),
        ]
        let column = (x: 1040, width: 318, half: (panelHeight - 10) / 2)
        if let worst, let close = closeUp(worst, facing, column.width, column.half, least: 1.3 * first.scale, renderer)
        {
            result.append(
                Panel(caption: "Close-up of region \(worst.id)", camera: close, x: column.x, y: panelTop))
            result.append(
                Panel(
                    caption: thirdName, camera: fitted(third, column.width, column.half), x: column.x,
                    y: panelTop + column.half + 10))
        } else {
            result.append(
                Panel(caption: thirdName, camera: fitted(third, column.width, panelHeight), x: column.x, y: panelTop))
        }
        return result
    }

    /// The region with as much again around it, or nil where that would not be larger than the main view.
    private static func closeUp(
        _ region: Region, _ toward: SIMD3<Float>, _ width: Int, _ height: Int, least: Float,
        _ renderer: PointCloudRenderer
    ) -> Camera? {
        guard let corners = RegionOverlay.corners(of: region.box, margin: 2 * renderer.partRadius) else { return nil }
        var camera = Camera(toward: toward, width: width, height: height).fitted(to: corners, margin: 56)
        camera.scale = min(camera.scale, Float(width) / (16 * renderer.partRadius))
        camera.center = region.box.center
        return camera.scale >= least ? camera : nil
    }

    private static func drawTitle(_ input: HeatMapInput, on image: inout Image) {
        let badge = input.evaluation.uppercased().replacing("_", with: " ")
        let shown = StrokeFont.truncated(badge, height: 12, width: 220)
        let badgeWidth = StrokeFont.width(shown, height: 12) + 28
        image.pill(x: 20, y: 15, width: badgeWidth, height: 27, badgeColor(input.evaluation))
        image.text(shown, at: [20 + badgeWidth / 2, 35], height: 12, weight: 2, white, align: .center)
        let score = "score \(NumberText.short(input.score))   threshold \(NumberText.short(input.threshold))"
        let scoreWidth = StrokeFont.width(score, height: 14)
        image.text(score, at: [Float(width) - 20, 36], height: 14, weight: 1.9, text, align: .right)
        let room = Float(width) - 20 - scoreWidth - 30 - (badgeWidth + 34)
        let name = input.partType.isEmpty ? input.partID : "\(input.partID)   \(input.partType)"
        image.text(
            StrokeFont.truncated(name, height: 16, width: room), at: [badgeWidth + 34, 36.5], height: 16, weight: 2.3,
            text)
        let originWidth = min(StrokeFont.width(input.origin, height: 10.5), 500)
        let summary = StrokeFont.truncated(summary(input), height: 10.5, width: Float(width) - 70 - originWidth)
        image.text(summary, at: [22, 66], height: 10.5, quiet)
        let origin = StrokeFont.truncated(input.origin, height: 10.5, width: 500)
        image.text(origin, at: [Float(width) - 20, 66], height: 10.5, quiet, align: .right)
    }

    /// What a person needs to put a finger on the worst place.
    static func summary(_ input: HeatMapInput) -> String {
        guard let worst = input.regions.first else {
            return input.reasons.first ?? "no region above the threshold"
        }
        let count = input.regions.count == 1 ? "1 region" : "\(input.regions.count) regions"
        let deviation = worst.deviation.map { " \(NumberText.fixed($0, 2, sign: true)) mm" } ?? ""
        return
            "\(count);  region \(worst.id): \(worst.kind.rawValue)\(deviation),  \(NumberText.size(worst.box.extent)) mm"
            + "  at (\(input.place(worst.centroid))) mm"
    }

    private static func badgeColor(_ evaluation: String) -> RGB {
        switch evaluation {
        case "ok": RGB(hex: 0x1B_7F_4B)
        case "not_ok": RGB(hex: 0xB7_1C_1C)
        default: RGB(hex: 0x5B_67_73)
        }
    }
}
