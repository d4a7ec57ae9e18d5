// swift-tools-version: 6.2
import PackageDescription

// libFuzzer over the readers of files and the decoders of what comes over the network: build and run it with run.sh, which gives the compiler -sanitize=fuzzer for everything.
let package = Package(
    name: "fuzzing",
    dependencies: [.package(name: "scanward", path: "../..")],
    targets: [
        .executableTarget(
            name: "fuzz-readers",
            dependencies: [
                .product(name: "Fleet", package: "scanward"),
                .product(name: "FrameProtocol", package: "scanward"),
                .product(name: "HeatMaps", package: "scanward"),
                .product(name: "IMRNet", package: "scanward"),
                .product(name: "Ingest", package: "scanward"),
                .product(name: "Inspection", package: "scanward"),
                .product(name: "MonitorConfiguration", package: "scanward"),
                .product(name: "NeuralNetwork", package: "scanward"),
                .product(name: "PointClouds", package: "scanward"),
                .product(name: "PointCloudFiles", package: "scanward"),
            ],
            // The entry is a C function that libFuzzer's own main calls.
            swiftSettings: [.unsafeFlags(["-parse-as-library"])])
    ],
    swiftLanguageModes: [.v6]
)
