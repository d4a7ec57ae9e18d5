import Foundation

/// Learning rate: linear warm-up from 0, then half a cosine down to `final`.
public struct CosineSchedule: Sendable, Equatable {
    public var peak: Float
    public var final: Float
    public var warmUp: Int
    public var steps: Int

    public init(peak: Float, final: Float = 0, warmUp: Int = 0, steps: Int) {
        self.peak = peak
        self.final = final
        self.warmUp = warmUp
        self.steps = steps
    }

    /// The rate of a step, counted from 0.
    public func rate(at step: Int) -> Float {
        if step < warmUp { return peak * Float(step + 1) / Float(warmUp + 1) }
        let progress = Float(step - warmUp) / Float(max(1, steps - warmUp))
        return final + (peak - final) * 0.5 * (1 + cos(.pi * min(1, progress)))
    }
}
