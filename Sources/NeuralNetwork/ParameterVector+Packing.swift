public import ParallelLoops

extension ParameterVector {
    /// The same values with the matrices of these layers laid out for products.
    ///
    /// Whoever changes values of `self` afterwards calls `repack`.
    ///
    /// - Parameter backward: for the backward pass too, whose products are with the matrices themselves.
    public func packed(_ layers: [Linear], backward: Bool = false, workers: Workers) -> ParameterVector {
        var result = self
        for layer in layers {
            result.packs[layer.weight.index] = PackedMatrix(outputs: layer.outputs, inputs: layer.inputs)
            guard backward else { continue }
            result.transposedPacks[layer.weight.index] = PackedMatrix(outputs: layer.inputs, inputs: layer.outputs)
        }
        result.repack(workers: workers)
        return result
    }

    /// Lays the matrices out anew.
    public func repack(workers: Workers) {
        let indices = packs.keys.sorted()
        workers.run(chunks: indices.count) { number in
            let index = indices[number]
            let values = self[ParameterLayout.Slot(index: index)]
            packs[index]?.pack(values)
            transposedPacks[index]?.pack(transposing: values)
        }
    }

    /// The same values but for one parameter, which takes memory of its own: a copy of what it was.
    public func separating(_ slot: ParameterLayout.Slot) -> ParameterVector {
        var result = self
        let old = self[slot], copy = Matrix(rows: old.rows, columns: old.columns)
        copy.copy(from: old)
        result.separate[slot.index] = copy
        return result
    }

    /// The layer's matrix laid out for products, if it is.
    func pack(of slot: ParameterLayout.Slot) -> PackedMatrix? { packs[slot.index] }
}
