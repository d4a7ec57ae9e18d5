import CKernels
import Foundation
public import ParallelLoops

/// AdamW (Loshchilov and Hutter, 2019), as PyTorch computes it.
public struct AdamW: Sendable {
    public struct Options: Sendable, Equatable {
        public var decay: Float = 0.05
        public var beta1 = 0.9
        public var beta2 = 0.999
        public var epsilon: Float = 1e-8
        public init() {}
    }

    public let options: Options
    /// Running means of the gradients and of their squares.
    public let first: ParameterVector
    public let second: ParameterVector
    /// Steps done.
    public private(set) var steps: Int

    public init(_ layout: ParameterLayout, options: Options = Options()) {
        self.init(first: ParameterVector(layout), second: ParameterVector(layout), steps: 0, options: options)
    }

    /// An optimiser that goes on where another stopped.
    public init(first: ParameterVector, second: ParameterVector, steps: Int, options: Options = Options()) {
        self.options = options
        self.first = first
        self.second = second
        self.steps = steps
    }

    /// Moves `parameters` in place. Weight decay goes to the entries whose role says so; buffers stay.
    ///
    /// - Parameter share: of the rate, for each entry.
    public mutating func step(
        _ parameters: ParameterVector, gradients: ParameterVector, rate: Float, workers: Workers,
        share: (ParameterLayout.Entry) -> Float = { _ in 1 }
    ) {
        steps += 1
        let correction1 = Float(1 - pow(options.beta1, Double(steps)))
        let correction2 = Float(1 - pow(options.beta2, Double(steps)))
        // 1 - beta in double precision: 1 - 0.999 in single is 5e-5 off.
        let rest1 = Float(1 - options.beta1), rest2 = Float(1 - options.beta2)
        let entries = parameters.layout.entries.filter { $0.role != .buffer }
        let rates = entries.map { rate * share($0) }
        let (options, first, second) = (options, first, second)
        workers.run(chunks: entries.count) { index in
            let entry = entries[index]
            nn_adamw(
                parameters[entry].base, gradients[entry].base, first[entry].base, second[entry].base, entry.count,
                rates[index], entry.role == .decayed ? options.decay : 0, Float(options.beta1), rest1,
                Float(options.beta2),
                rest2, options.epsilon, correction1, correction2)
        }
    }
}
