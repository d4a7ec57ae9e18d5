import SeededRandom
import Foundation
import NeuralNetwork
import Testing

struct SafeTensorsTests {
    private func fixture(_ name: String) throws -> [UInt8] {
        let file = try #require(
            Bundle.module.url(forResource: name, withExtension: "safetensors", subdirectory: "Fixtures"))
        return [UInt8](try Data(contentsOf: file))
    }

    /// Files that the Python package wrote: tools/reference/network_reference.py.
    @Test(arguments: ["f32", "f16", "bf16"])
    func readsTheReferenceImplementationsFiles(_ name: String) throws {
        let file = try SafeTensors(decoding: try fixture(name))
        #expect(file.metadata["note"] == "a \"quoted\" \u{e9}")
        #expect(file.tensors["empty"] == SafeTensors.Tensor(shape: [0, 4], values: []))
        #expect(file.skipped == ["counter"])

        let special = try #require(file.tensors["special"]?.values)
        let exact: [Float] = [0, -0.0, 1, -1, 65504, 6e-8, 1e-5, 0.333333, .infinity, 2049, 2051, 70000]
        let half: [Float] = [
            0, -0.0, 1, -1, 65504, 0x1p-24, 0x1.5p-17, 0.33325195, .infinity, 2048, 2052, .infinity,
        ]
        let brain: [Float] = [
            0, -0.0, 1, -1, 65536, 0x1.02p-24, 0x1.5p-17, 0.33398438, .infinity, 2048, 2048, 70144,
        ]
        #expect(special == (name == "f32" ? exact : name == "f16" ? half : brain))
        #expect(special[1].sign == .minus)

        var random = SplitMix64(
            seed: "matrix".utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
        let matrix = (0..<15).map { _ in Float(random.next() >> 40) * 0x1p-23 - 1 }
        let tolerance: Float = name == "f32" ? 0 : name == "f16" ? 0x1p-11 : 0x1p-8
        #expect(file.tensors["a.matrix"]?.shape == [3, 5])
        for (found, expected) in zip(file.tensors["a.matrix"]?.values ?? [], matrix) {
            #expect(abs(found - expected) <= tolerance)
        }
    }

    /// What is read from a 16-bit file is written back to the same bits.
    @Test(arguments: [("f32", SafeTensors.DataType.float32), ("f16", .float16), ("bf16", .bfloat16)])
    func roundTrip(_ name: String, _ type: SafeTensors.DataType) throws {
        let file = try SafeTensors(decoding: try fixture(name))
        let again = try SafeTensors(decoding: file.encoded(as: type))
        #expect(again.tensors == file.tensors)
        #expect(again.metadata == file.metadata)
        #expect(file.encoded(as: type) == again.encoded(as: type))
    }

    @Test func everyHalfRoundTrips() throws {
        let values = SafeTensors.Tensor(shape: [4], values: [0x1.ffep15, 0x1.ffdffep15, 0x1p-25, 0x1.000002p-25])
        let file = SafeTensors(tensors: ["x": values])
        let read = try SafeTensors(decoding: file.encoded(as: .float16))
        // Ties go to even: the largest half would be passed, half the smallest becomes 0.
        #expect(read.tensors["x"]?.values == [.infinity, 65504, 0, 0x1p-24])
    }

    private func file(_ header: String, data: Int = 8) -> [UInt8] {
        var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { [UInt8]($0) }
        bytes += Array(header.utf8) + [UInt8](repeating: 0, count: data)
        return bytes
    }

    private func code(_ bytes: [UInt8], _ limits: SafeTensors.Limits = .init()) -> NeuralNetworkError.Code? {
        do throws(NeuralNetworkError) {
            _ = try SafeTensors(decoding: bytes, limits: limits)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func refusesMalformedHeaders() {
        #expect(code([]) == .header)
        #expect(code([1, 2, 3]) == .header)
        #expect(code([UInt8](repeating: 0xFF, count: 64)) == .header)
        #expect(code(file("not json")) == .header)
        #expect(code(file(#"{"a":{"dtype":"F32","shape":[2]}}"#)) == .header)
        #expect(code(file(#"{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#)) == .header)
        #expect(code(file(#"{"__metadata__":{"a":1}}"#, data: 0)) == .header)
        #expect(code(file(#"{"a":{"dtype":"Q7","shape":[2],"data_offsets":[0,8]}}"#)) == .dataType)
        var limits = SafeTensors.Limits()
        limits.tensors = 1
        let two =
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        #expect(code(file(two), limits) == .header)
        #expect(code(file(two)) == nil)
        limits.headerBytes = 16
        #expect(code(file(two), limits) == .header)
    }

    @Test(arguments: [
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"F16","shape":[2],"data_offsets":[4,8]}}"#,
    ])
    func refusesBadRanges(_ header: String) {
        #expect(code(file(header)) == .dataRange)
    }

    @Test func everyTruncationIsRefused() throws {
        let bytes = try fixture("f16")
        for length in 0..<bytes.count { #expect(code(Array(bytes[..<length])) != nil) }
        #expect(code(bytes + [0]) == .dataRange)
    }

    @Test func parametersAreChecked() {
        var layout = ParameterLayout()
        _ = layout.add("w", [2, 2], .decayed)
        func code(_ tensor: SafeTensors.Tensor?) -> NeuralNetworkError.Code? {
            do throws(NeuralNetworkError) {
                _ = try ParameterVector(layout, from: SafeTensors(tensors: tensor.map { ["w": $0] } ?? [:]))
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(nil) == .missingTensor)
        #expect(code(SafeTensors.Tensor(shape: [4], values: [1, 2, 3, 4])) == .shape)
        #expect(code(SafeTensors.Tensor(shape: [2, 2], values: [1, .nan, 3, 4])) == .notFinite)
        #expect(code(SafeTensors.Tensor(shape: [2, 2], values: [1, 2, 3, 4])) == nil)
    }
}
