import Testing

@testable import Inspection

@Suite struct ChannelLimitTests {
    @Test func `The limit is the highest part's, by the geometric mean of its resamplings`() {
        let scores = [[1.0, 1], [2, 8], [3, 3]]
        #expect(abs(Channel.deviation.limit(scoresByPart: scores) - 4) < 1e-5)
        #expect(Channel.reconstruction.limit(scoresByPart: scores) > Channel.deviation.limit(scoresByPart: scores))
    }

    @Test func `One part scanned otherwise does not silence a channel`() {
        // A tolerance bound of these four is over 600.
        let limit = Channel.descriptor.limit(scoresByPart: [[1], [1], [1], [10.5]])
        #expect(limit >= 10.5 && limit <= 2.5 * 10.5)
        #expect(Threshold(scoresByPart: [[1], [1], [1], [10.5]]).value > 500)
    }
}
