/// The two sizes of the reconstruction network.
public enum NetworkSize: String, Sendable, CaseIterable {
    /// For lines without a fast processor.
    case small
    /// Point-MAE's (Pang et al., ECCV 2022), 29 million parameters.
    case base
}

/// Shape of a reconstruction network. The weights must be of the same shape.
public struct NetworkConfiguration: Sendable, Equatable {
    /// Points in a patch, K.
    public var patchPoints = 64
    /// Width of a token.
    public var width: Int
    public var heads: Int
    public var encoderDepth: Int
    public var decoderDepth: Int
    /// Outputs of the tokenizer's first three linear layers; the fourth has `width`.
    public var tokenizerWidths: [Int]
    /// Hidden width of the position MLPs.
    public var positionWidth = 128

    public init(_ size: NetworkSize) {
        switch size {
        case .small: self.init(width: 192, heads: 3, encoderDepth: 6, decoderDepth: 3, tokenizerWidths: [64, 128, 256])
        case .base:
            self.init(width: 384, heads: 6, encoderDepth: 12, decoderDepth: 4, tokenizerWidths: [128, 256, 512])
        }
    }

    public init(width: Int, heads: Int, encoderDepth: Int, decoderDepth: Int, tokenizerWidths: [Int]) {
        precondition(tokenizerWidths.count == 3 && width % heads == 0 && encoderDepth > 0 && decoderDepth > 0)
        self.width = width
        self.heads = heads
        self.encoderDepth = encoderDepth
        self.decoderDepth = decoderDepth
        self.tokenizerWidths = tokenizerWidths
    }
}
