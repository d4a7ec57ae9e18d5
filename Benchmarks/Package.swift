// swift-tools-version: 6.2
import PackageDescription

// The benchmark programs, apart from the product: nobody who builds Scanward compiles them. `make bench` builds and runs them.
let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "scanward", path: "..")],
    targets: [
        .target(
            name: "BenchmarkArguments", dependencies: [.product(name: "PointClouds", package: "scanward")]),
        .executableTarget(
            name: "geometry-benchmark",
            dependencies: [
                "BenchmarkArguments",
                .product(name: "PointClouds", package: "scanward"),
                .product(name: "PointCloudFiles", package: "scanward"),
            ]),
        .executableTarget(
            name: "journal-benchmark", dependencies: [.product(name: "VerdictDelivery", package: "scanward")]),
        .executableTarget(
            name: "network-benchmark",
            dependencies: [
                "BenchmarkArguments",
                .product(name: "IMRNet", package: "scanward"),
                .product(name: "NeuralNetwork", package: "scanward"),
                .product(name: "PointClouds", package: "scanward"),
            ]),
        .executableTarget(
            name: "ingest-benchmark",
            dependencies: [
                "BenchmarkArguments",
                .product(name: "FrameProtocol", package: "scanward"),
                .product(name: "Ingest", package: "scanward"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets {
    target.swiftSettings = [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
