/// Floating-point operations of the matrix products of each stage, as they are done here: a multiplication and an addition
/// are two. Norms, activations and maxima are not counted.
extension NetworkConfiguration {
    /// Tokens of `patches` patches, with the pooled half of the third layer once a patch.
    public func operations(tokenizing patches: Int) -> Int {
        let (a, b, c) = (tokenizerWidths[0], tokenizerWidths[1], tokenizerWidths[2])
        return 2 * patches * (patchPoints * (3 * a + a * b + b * c + c * width) + b * c)
    }

    /// `tokens` tokens through `depth` blocks, with their position embedding.
    public func operations(transforming tokens: Int, depth: Int) -> Int {
        let layers = 12 * width * width * tokens, attention = 2 * tokens * tokens * width
        return 2 * depth * (layers + attention) + 2 * tokens * positionWidth * (3 + width)
    }

    /// Predicted coordinates of `masked` patches from their decoded tokens.
    public func operations(predicting masked: Int) -> Int { 2 * masked * width * patchPoints * 3 }

    /// Squared distances between all pairs of points of `patches` pairs of patches, once for each direction.
    public func operations(comparing patches: Int) -> Int { 2 * 8 * patches * patchPoints * patchPoints }
}
