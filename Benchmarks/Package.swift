// swift-tools-version: 6.2
import PackageDescription

// The benchmark programs, apart from the product: nobody who builds Scanward compiles them. `make bench` builds and runs them.
let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "scanward", path: "..")],
    targets: [
        .executableTarget(
            name: "geometry-benchmark",
            dependencies: [
                .product(name: "PointClouds", package: "scanward"),
                .product(name: "PointCloudFiles", package: "scanward"),
            ],
            swiftSettings: [
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]),
        .executableTarget(
            name: "network-benchmark",
            dependencies: [
                .product(name: "IMRNet", package: "scanward"),
                .product(name: "NeuralNetwork", package: "scanward"),
                .product(name: "PointClouds", package: "scanward"),
            ],
            swiftSettings: [
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
