import NeuralNetwork
import ParallelLoops
import Testing

/// Each layer's backward pass against central differences of its forward pass, under a random linear loss.
struct LayerGradientTests {
    let workers = Workers(count: 2)

    @Test func linear() {
        var layout = ParameterLayout()
        let layer = Linear("l", inputs: 6, outputs: 5, in: &layout)
        let start = randomValues(layout.count, seed: 1), x = randomMatrix(9, 6, seed: 2),
            slope = randomMatrix(9, 5, seed: 3)
        func parameters(_ values: [Float]) -> ParameterVector {
            let vector = ParameterVector(layout)
            vector.flat.copy(from: Matrix(values, rows: 1, columns: values.count))
            return vector
        }
        func loss(_ values: [Float], _ input: Matrix) -> Double {
            let y = Matrix(rows: 9, columns: 5)
            layer.forward(parameters(values), input, into: y)
            return dot(y.elements, slope.elements)
        }
        let gradients = ParameterVector(layout), inputGradient = Matrix(rows: 9, columns: 6)
        layer.backward(parameters(start), slope, into: inputGradient)
        layer.parameterGradients(input: x, outputGradient: slope, into: gradients, workers: workers)
        expectGradient(gradients.flat.elements, of: { loss($0, x) }, at: start)
        expectGradient(
            inputGradient.elements, of: { loss(start, Matrix($0, rows: 9, columns: 6)) }, at: x.elements)
    }

    @Test func layerNorm() {
        var layout = ParameterLayout()
        let layer = LayerNorm("n", width: 10, in: &layout)
        let parameters = ParameterVector(layout), x = randomMatrix(4, 10, seed: 4), slope = randomMatrix(4, 10, seed: 5)
        parameters.flat.copy(from: randomMatrix(1, 20, seed: 6))
        func loss(_ values: [Float]) -> Double {
            let y = Matrix(rows: 4, columns: 10)
            layer.forward(parameters, Matrix(values, rows: 4, columns: 10), into: y)
            return dot(y.elements, slope.elements)
        }
        let y = Matrix(rows: 4, columns: 10), moments = Matrix(rows: 4, columns: 2)
        layer.forward(parameters, x, into: y, moments: moments)
        let gradient = Matrix(repeating: 0, rows: 4, columns: 10), sums = Matrix(repeating: 0, rows: 2, columns: 10)
        layer.backward(
            parameters, input: x, moments: moments, outputGradient: slope, addingTo: gradient, parameterGradients: sums)
        expectGradient(gradient.elements, of: loss, at: x.elements)

        let gradients = ParameterVector(layout)
        layer.collect(sums.reshaped(rows: 1, columns: 20), into: gradients)
        let start = parameters.flat.elements
        expectGradient(
            gradients.flat.elements,
            of: {
                parameters.flat.copy(from: Matrix($0, rows: 1, columns: 20))
                return loss(x.elements)
            }, at: start)
    }

    @Test func gelu() {
        let x = randomMatrix(3, 11, seed: 7), slope = randomMatrix(3, 11, seed: 8)
        let gradient = Matrix(slope.elements, rows: 3, columns: 11)
        GELU.backward(input: x, gradient: gradient)
        expectGradient(
            gradient.elements,
            of: {
                let y = Matrix(rows: 3, columns: 11)
                GELU.forward(Matrix($0, rows: 3, columns: 11), into: y)
                return dot(y.elements, slope.elements)
            }, at: x.elements)
    }

    @Test func batchNormWithReLU() {
        var layout = ParameterLayout()
        let layer = BatchNorm("b", width: 6, in: &layout)
        let parameters = ParameterVector(layout), x = randomMatrix(20, 6, seed: 9),
            slope = randomMatrix(20, 6, seed: 10)
        let start =
            (0..<12).map { $0 < 6 ? 1 + 0.1 * Float($0) : 0.05 * Float($0 - 8) } + [Float](repeating: 0, count: 12)
        func statistics(_ input: Matrix) -> BatchNorm.Statistics {
            // Two chunks of unequal size.
            let moments = Matrix(rows: 2, columns: 12)
            layer.measure(input.rows(0..<13), into: moments.rows(0..<1).reshaped(rows: 2, columns: 6))
            layer.measure(input.rows(13..<20), into: moments.rows(1..<2).reshaped(rows: 2, columns: 6))
            return layer.statistics(parameters, moments: moments, counts: [13, 7], updatingRunning: false)
        }
        func loss(_ values: [Float], _ input: Matrix) -> Double {
            parameters.flat.copy(from: Matrix(values, rows: 1, columns: values.count))
            let y = Matrix(rows: 20, columns: 6)
            layer.forwardReLU(statistics(input), input, into: y)
            return dot(y.elements, slope.elements)
        }
        _ = loss(start, x)
        let found = statistics(x), gradients = ParameterVector(layout)
        let gradient = Matrix(slope.elements, rows: 20, columns: 6), sums = Matrix(repeating: 0, rows: 1, columns: 12)
        layer.backwardReLU(found, input: x, gradient: gradient, addingTo: sums)
        let means = layer.collect(found, sums, into: gradients)
        layer.backward(found, input: x, gradient: gradient, means: means)
        expectGradient(
            gradient.elements, of: { loss(start, Matrix($0, rows: 20, columns: 6)) }, at: x.elements, step: 5e-4,
            tolerance: 5e-3)
        expectGradient(gradients.flat.elements, of: { loss($0, x) }, at: start, step: 5e-4, tolerance: 5e-3)
    }

    @Test func foldedBatchNorm() {
        var layout = ParameterLayout()
        let linear = Linear("l", inputs: 3, outputs: 4, in: &layout), norm = BatchNorm("b", width: 4, in: &layout)
        let parameters = ParameterVector(layout)
        parameters.flat.copy(from: Matrix(randomValues(layout.count, seed: 11), rows: 1, columns: layout.count))
        parameters[norm.runningVariance].copy(from: Matrix([0.5, 1, 2, 0.1], rows: 1, columns: 4))
        let x = randomMatrix(5, 3, seed: 12), plain = Matrix(rows: 5, columns: 4), folded = Matrix(rows: 5, columns: 4)
        linear.forward(parameters, x, into: plain)
        let copy = parameters.copied()
        norm.fold(into: linear, copy)
        linear.forward(copy, x, into: folded)
        for row in 0..<5 {
            for column in 0..<4 {
                let deviation = (parameters[norm.runningVariance][0, column] + BatchNorm.epsilon).squareRoot()
                let normed = (plain[row, column] - parameters[norm.runningMean][0, column]) / deviation
                let expected = normed * parameters[norm.weight][0, column] + parameters[norm.bias][0, column]
                #expect(abs(folded[row, column] - expected) < 1e-5)
            }
        }
    }

    @Test func linearThroughMaxPool() {
        var layout = ParameterLayout()
        let (groups, points) = (3, 8)
        let layer = Linear("l", inputs: 5, outputs: 7, bias: false, in: &layout)
        let parameters = ParameterVector(layout), x = randomMatrix(groups * points, 5, seed: 13)
        let slope = randomMatrix(groups, 7, seed: 14), start = randomValues(35, seed: 15)
        let winners = MaxPool.Winners(groups: groups, columns: 7)
        func loss(_ values: [Float], _ input: [Float]) -> Double {
            parameters.flat.copy(from: Matrix(values, rows: 1, columns: 35))
            let y = Matrix(rows: groups * points, columns: 7), pooled = Matrix(rows: groups, columns: 7)
            layer.forward(parameters, Matrix(input, rows: groups * points, columns: 5), into: y)
            MaxPool.forward(y, points: points, into: pooled, winners: winners, from: 0)
            return dot(pooled.elements, slope.elements)
        }
        _ = loss(start, x.elements)
        let inputGradient = Matrix(rows: groups * points, columns: 5),
            weights = Matrix(repeating: 0, rows: 7, columns: 5)
        PooledLinear(layer).backward(
            parameters, input: x, pooledGradient: slope, winners: winners, from: 0, points: points,
            inputGradient: inputGradient, weightGradient: weights)

        // The same by the dense products.
        let dense = Matrix(repeating: 0, rows: groups * points, columns: 7),
            expected = Matrix(rows: groups * points, columns: 5)
        MaxPool.backward(slope, winners: winners, from: 0, points: points, addingTo: dense)
        layer.backward(parameters, dense, into: expected)
        #expect(maximumDifference(inputGradient.elements, expected.elements) < 1e-6)

        expectGradient(inputGradient.elements, of: { loss(start, $0) }, at: x.elements, step: 2e-4, tolerance: 1e-2)
        expectGradient(weights.elements, of: { loss($0, x.elements) }, at: start, step: 2e-4, tolerance: 1e-2)
    }

    @Test func attention() {
        let attention = Attention(width: 12, heads: 3), (sequences, length) = (2, 7)
        let x = randomMatrix(sequences * length, 36, seed: 16), slope = randomMatrix(sequences * length, 12, seed: 17)
        let probabilities = Matrix(rows: sequences * 3 * length, columns: length)
        let y = Matrix(rows: sequences * length, columns: 12), gradient = Matrix(rows: sequences * length, columns: 36)
        attention.forward(x, sequences: sequences, into: y, probabilities: probabilities, workers: workers)
        attention.backward(
            x, sequences: sequences, probabilities: probabilities, outputGradient: slope, into: gradient,
            workers: workers)
        expectGradient(
            gradient.elements,
            of: {
                let y = Matrix(rows: sequences * length, columns: 12)
                attention.forward(Matrix($0, rows: 14, columns: 36), sequences: sequences, into: y, workers: workers)
                return dot(y.elements, slope.elements)
            }, at: x.elements)
    }

    @Test func chamfer() {
        let (patches, points) = (3, 64)
        let a = randomMatrix(patches, points * 3, seed: 18), b = randomMatrix(patches, points * 3, seed: 19)
        let gradient = Matrix(rows: patches, columns: points * 3)
        let loss = ChamferLoss.forward(predicted: a, target: b, gradient: gradient, workers: workers)
        func bruteForce(_ a: [Float]) -> Double {
            func point(_ values: [Float], _ index: Int) -> SIMD3<Double> {
                SIMD3(Double(values[3 * index]), Double(values[3 * index + 1]), Double(values[3 * index + 2]))
            }
            func oneWay(_ from: [Float], _ to: [Float]) -> Double {
                var sum = 0.0
                for patch in 0..<patches {
                    for i in 0..<points {
                        let p = point(from, patch * points + i)
                        sum +=
                            (0..<points).map { j in
                                let d = point(to, patch * points + j) - p
                                return (d * d).sum()
                            }.min() ?? 0
                    }
                }
                return sum / Double(patches * points)
            }
            return oneWay(a, b.elements) + oneWay(b.elements, a)
        }
        #expect(abs(Double(loss) - bruteForce(a.elements)) < 1e-6)
        expectGradient(gradient.elements, of: bruteForce, at: a.elements, step: 1e-4, tolerance: 5e-3)
    }
}
