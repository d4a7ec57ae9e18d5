import NeuralNetwork
import PointClouds

/// Named arrays of a model file, with sentences for what is not as it should be.
struct TensorFile {
    private let decoded: Result<SafeTensors, NeuralNetworkError>
    private let name: String

    init(_ bytes: [UInt8], name: String) {
        self.name = name
        do {
            decoded = .success(try SafeTensors(decoding: bytes))
        } catch {
            decoded = .failure(error)
        }
    }

    func values(_ tensor: String) throws(PartModelError) -> [Float] {
        let tensors: SafeTensors
        do {
            tensors = try decoded.get()
        } catch {
            throw PartModelError(description: "\(name): \(error)")
        }
        guard let found = tensors.tensors[tensor] else {
            throw PartModelError(description: "\(name): expected a tensor \(tensor), found none of that name")
        }
        guard found.values.allSatisfy(\.isFinite) else {
            throw PartModelError(description: "\(name): expected finite numbers in \(tensor), found others")
        }
        return found.values
    }

    func points(_ tensor: String) throws(PartModelError) -> [SIMD3<Float>] {
        let values = try values(tensor)
        guard values.count.isMultiple(of: 3) else {
            throw PartModelError(
                description: "\(name): expected x y z triples in \(tensor), found \(values.count) numbers")
        }
        return stride(from: 0, to: values.count, by: 3).map { SIMD3(values[$0], values[$0 + 1], values[$0 + 2]) }
    }

    /// Where the sensors of taught views stood; none in a model of whole parts, nor in one from before this was kept.
    func sensors() throws(PartModelError) -> [SensorPlace?] {
        guard case .success(let tensors) = decoded, tensors.tensors["sensors"] != nil else { return [] }
        let values = try values("sensors")
        guard values.count.isMultiple(of: 4) else {
            throw PartModelError(
                description:
                    "\(name): expected x, y, z and 0 or 1 for each view in sensors, found \(values.count) numbers")
        }
        return stride(from: 0, to: values.count, by: 4).map {
            values[$0 + 3] == 0 ? nil : SensorPlace(eye: SIMD3(values[$0], values[$0 + 1], values[$0 + 2]))
        }
    }

    /// Which taught views are known to lie to one another as the surface has them; empty in a model from before this was kept.
    ///
    /// - Parameter views: of each surface point.
    func viewGroups(of views: [Int32]) throws(PartModelError) -> [Int] {
        guard case .success(let tensors) = decoded, tensors.tensors["views.groups"] != nil else { return [] }
        let values = try values("views.groups")
        guard Set(views) == Set(0..<Int32(values.count)),
            values.allSatisfy({ $0 >= 0 && $0 < Float(values.count) && $0 == $0.rounded() })
        else {
            throw PartModelError(
                description:
                    "\(name): expected in views.groups the number of a group for each view of surface.views, found "
                    + "\(values.count) numbers")
        }
        return values.map { Int($0) }
    }

    func descriptors(width: Int) throws(PartModelError) -> DescriptorBank {
        let places = try points("descriptor.places")
        let rows = try values("descriptor.rows"), grid = try values("descriptor.grid")
        guard !places.isEmpty, rows.count == places.count * width, grid.count == 1, grid[0] > 0 else {
            throw PartModelError(
                description:
                    "\(name): expected a descriptor of \(width) numbers at each of its places, and a grid above 0")
        }
        return DescriptorBank(places: places, rows: rows, width: width, grid: grid[0])
    }

    func statistics(_ channel: Channel) throws(PartModelError) -> PlaceStatistics {
        let anchors = try points("\(channel.rawValue).anchors")
        let means = try values("\(channel.rawValue).means"), deviations = try values("\(channel.rawValue).deviations")
        guard !anchors.isEmpty, means.count == anchors.count, deviations.count == anchors.count else {
            throw PartModelError(
                description: "\(name): expected a mean and a deviation for each anchor of \(channel.rawValue)")
        }
        return PlaceStatistics(anchors: anchors, means: means, deviations: deviations)
    }
}

extension ReferenceSurface {
    /// Index of the surface point nearest to each of `places`.
    func nearestIndices(to places: [SIMD3<Float>]) -> [Int32] { index.nearest(of: places).indices }
}
