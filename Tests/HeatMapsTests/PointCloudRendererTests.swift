import Inspection
import ParallelLoops
import Testing

@testable import HeatMaps

@Suite struct PointCloudRendererTests {
    private func view(_ map: ScoreMap, toward: SIMD3<Float> = [0, -1, 0]) -> PointCloudRenderer.View {
        let camera = Camera(toward: toward, width: 200, height: 160).fitted(to: map.points, margin: 10)
        return PointCloudRenderer(map: map, scale: ColorScale(threshold: 4), workers: .one).view(camera)
    }

    private func color(_ view: PointCloudRenderer.View, at point: SIMD3<Float>) -> RGB {
        let p = view.camera.project(point)
        return view.image[Int(p.x), Int(p.y)]
    }

    private func chroma(_ color: RGB) -> Int {
        Int(max(color.red, color.green, color.blue)) - Int(min(color.red, color.green, color.blue))
    }

    @Test func cameraKeepsRightHandedAxes() {
        let camera = Camera(toward: [0, -1, 0], width: 100, height: 50)
        #expect(camera.right == [1, 0, 0] && camera.up == [0, 0, 1])
        let top = Camera(toward: [0, 0, 1], width: 100, height: 50)
        #expect(top.right == [1, 0, 0] && top.up == [0, 1, 0])
        #expect(camera.project([10, 0, 20]) == [60, 5, 0])
        // Nearer to the eye is less deep.
        #expect(camera.project([0, -3, 0]).z < camera.project([0, 3, 0]).z)
    }

    @Test func hotSpotIsHotWhereItIs() {
        let shown = view(Samples.hotSphere())
        let hot = color(shown, at: Samples.hotSpot)
        #expect(hot.red > 90 && hot.green < 40 && hot.blue < 60)
        let cold = color(shown, at: Samples.coldSpot)
        #expect(chroma(cold) < 20 && cold.red > 60 && cold.red < 220)
        #expect(shown.image[2, 2] == PointCloudRenderer.background)
    }

    @Test func hotSpotIsHiddenFromBehind() {
        let shown = view(Samples.hotSphere(), toward: [0, 1, 0])
        #expect(chroma(color(shown, at: Samples.hotSpot)) < 20)
        #expect(shown.hides(Samples.hotSpot, slack: 5))
        #expect(!view(Samples.hotSphere()).hides(Samples.hotSpot, slack: 5))
    }

    @Test func surfaceIsClosed() {
        let shown = view(Samples.hotSphere())
        let center = shown.camera.project([100, -50, 30])
        let radius = 20 * shown.camera.scale
        var gaps = 0
        for y in 0..<160 {
            for x in 0..<200 {
                let offset = SIMD2(Float(x) + 0.5 - center.x, Float(y) + 0.5 - center.y)
                let inside = (offset * offset).sum().squareRoot() < radius * 0.97
                if inside && !shown.depth[y * 200 + x].isFinite { gaps += 1 }
            }
        }
        #expect(gaps == 0)
    }

    @Test func lightComesFromTheUpperLeft() {
        let shown = view(Samples.hotSphere())
        let upperLeft = color(shown, at: SIMD3(100, -50, 30) + 20 * SIMD3<Float>(-0.4, -0.7, 0.5).unit!)
        let lowerRight = color(shown, at: SIMD3(100, -50, 30) + 20 * SIMD3<Float>(0.4, -0.6, -0.6).unit!)
        #expect(Int(upperLeft.red) > Int(lowerRight.red) + 40)
    }

    @Test func missingSurfaceIsStriped() {
        let shown = view(Samples.holedSphere())
        let p = shown.camera.project(Samples.hotSpot)
        let around = (-6...6).map { shown.image[Int(p.x) + $0, Int(p.y)] }
        #expect(around.allSatisfy { $0.red > $0.green && $0.blue > $0.green })
        let greens = around.map(\.green)
        #expect(Int(greens.max() ?? 0) - Int(greens.min() ?? 0) > 40)
    }

    @Test func unscoredPointsHaveTheirOwnColour() {
        var map = Samples.hotSphere()
        map.fused = map.fused.map { _ in .nan }
        let shown = color(view(map), at: Samples.coldSpot)
        #expect(Int(shown.blue) > Int(shown.red) + 20)
    }

    @Test func facingDirectionLooksAtTheRegion() {
        for map in [Samples.hotSphere(), Samples.holedSphere()] {
            let eye = FacingDirection.of(Samples.region(map), in: map, radius: 1, workers: .one)
            #expect(eye.dotProduct(SIMD3<Float>(1, -1, 0).unit!) > 0.94)
        }
    }

    @Test func spacingHoldsSixNeighbours() throws {
        let grid = (0..<400).map { SIMD3<Float>(Float($0 % 20), Float($0 / 20), 0) * 0.5 }
        // Inside a grid the sixth neighbour is a diagonal one; at the rim it is farther.
        let spacing = try #require(PointSpacing.estimate(grid, workers: .one))
        #expect(spacing >= 0.7 && spacing <= 1)
        #expect(PointSpacing.estimate([], workers: .one) == nil)
        #expect(PointSpacing.estimate([.zero, .zero], workers: .one) == nil)
    }
}
