import HeatMaps
import Testing

@Suite struct SweepPictureTests {
    private func series(_ values: [Float], published: Float? = nil) -> SweepPicture.Series {
        .init(
            name: "I-AUROC",
            points: values.map { .init(name: "\($0)", value: $0, error: 0.02, published: published) })
    }

    @Test func `A picture of every number of points, and none of none`() throws {
        let one = try #require(SweepPicture.png([series([0.6])], title: "iterations"))
        let three = try #require(SweepPicture.png([series([0.6, 0.65, 0.4])], title: "iterations"))
        let marked = try #require(SweepPicture.png([series([0.6, 0.65, 0.4], published: 0.5)], title: "iterations"))
        for picture in [one, three, marked] { #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47])) }
        #expect(Set([one, three, marked]).count == 3)
        #expect(SweepPicture.png([], title: "") == nil && SweepPicture.png([series([])], title: "") == nil)
        #expect(SweepPicture.png([series([.nan])], title: "") == nil)
    }
}
