// swift-tools-version: 6.2
import PackageDescription

// The benchmark program, apart from the product: nobody who builds Scanward compiles it. `make bench` builds and runs it.
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
            ])
    ],
    swiftLanguageModes: [.v6]
)
