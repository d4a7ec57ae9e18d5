// swift-tools-version: 6.2
import PackageDescription

// Targets in the order of the way of the data; each imports only those named beside it (docs/architecture.md).
let package = Package(
    name: "scanward",
    products: [
        .executable(name: "scanward", targets: ["scanward"]),
        .library(name: "PointClouds", targets: ["PointClouds", "ParallelLoops", "SeededRandom"]),
        .library(name: "PointCloudFiles", targets: ["PointCloudFiles"]),
        .library(name: "NeuralNetwork", targets: ["NeuralNetwork"]),
        .library(name: "IMRNet", targets: ["IMRNet"]),
        .library(name: "FrameProtocol", targets: ["FrameProtocol"]),
        // For the fuzz targets.
        .library(name: "Inspection", targets: ["Inspection"]),
        .library(name: "Fleet", targets: ["Fleet"]),
        .library(name: "HeatMaps", targets: ["HeatMaps"]),
        .library(name: "Ingest", targets: ["Ingest", "ZeroMQ", "Threads"]),
        .library(name: "MonitorConfiguration", targets: ["MonitorConfiguration"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Without its YAML: that has no line numbers, and every fault of a configuration names its line.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System libraries. Their Debian packages are listed once, in tools/packages.txt.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CPcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CNATS", providers: [.apt(["libnats-dev"])]),

        // Pure: arrays in, arrays out.
        .target(name: "CKernels"),
        .target(name: "CRename"),
        .target(name: "ParallelLoops"),
        .target(name: "SeededRandom"),
        .target(name: "Threads"),
        .target(name: "PointClouds", dependencies: ["CKernels", "ParallelLoops", "SeededRandom"]),
        .target(name: "PointCloudFiles", dependencies: ["CKernels", "PointClouds"]),
        .target(name: "NeuralNetwork", dependencies: ["COpenBLAS", "CKernels", "ParallelLoops", "SeededRandom"]),
        .target(name: "IMRNet", dependencies: ["PointClouds", "NeuralNetwork", "ParallelLoops", "SeededRandom"]),
        .target(
            name: "Inspection",
            dependencies: ["PointClouds", "NeuralNetwork", "IMRNet", "ParallelLoops", "SeededRandom"]),
        .target(
            name: "AnomalySynthesis", dependencies: ["PointClouds", "ParallelLoops", "SeededRandom"]),
        .target(
            name: "Evaluation",
            dependencies: [
                "PointClouds", "NeuralNetwork", "IMRNet", "Inspection", "AnomalySynthesis", "ParallelLoops",
                "SeededRandom",
            ]),
        .target(name: "HeatMaps", dependencies: ["PointClouds", "Inspection", "ParallelLoops", "CZlib"]),
        .target(name: "FrameProtocol", dependencies: ["CKernels", "CZlib"]),
        .target(name: "Fleet", dependencies: ["CZlib"]),

        // Adapters: they touch descriptors, and do not know each other.
        .target(name: "ZeroMQ", dependencies: ["CZeroMQ", "Threads"]),
        .target(name: "Ingest", dependencies: ["FrameProtocol", "Threads", "ZeroMQ", "CPcap"]),
        .target(name: "Publishing", dependencies: ["FrameProtocol", "Threads", "ZeroMQ"]),
        .target(name: "NATSTransport", dependencies: ["CNATS", "Threads"]),
        .target(name: "ServiceManager", dependencies: ["Threads"]),
        .target(
            name: "Journal", dependencies: ["Threads", "CZlib", .product(name: "GRDB", package: "GRDB.swift")]),
        .target(
            name: "Dashboard",
            dependencies: [
                "DashboardPages", "Threads",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        // What the monitor can be told: keys, their file and its faults, what holds in the end. No I/O.
        .target(
            name: "MonitorConfiguration",
            dependencies: [
                "NATSTransport", "ZeroMQ",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Yams", package: "Yams"),
            ]),

        // By themselves, as 60 KB of pages take the compiler longer than the server.
        .target(name: "DashboardPages", resources: [.embedInCode("Web")]),

        // Composition root and commands.
        .executableTarget(
            name: "scanward",
            dependencies: [
                "ParallelLoops", "Threads", "PointClouds", "PointCloudFiles", "NeuralNetwork", "IMRNet", "Inspection",
                "HeatMaps", "AnomalySynthesis", "Evaluation", "SeededRandom",
                "FrameProtocol", "ZeroMQ", "Ingest", "Publishing", "Journal", "Fleet", "NATSTransport",
                "Dashboard", "MonitorConfiguration", "ServiceManager", "CRename",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        // Beside their peers, `make bench`: no part of the product, compiled with the tests.
        .target(
            name: "BenchmarkArguments", dependencies: ["PointClouds"], path: "Benchmarks/BenchmarkArguments"),
        .executableTarget(
            name: "geometry-benchmark",
            dependencies: ["BenchmarkArguments", "ParallelLoops", "PointClouds", "PointCloudFiles", "SeededRandom"],
            path: "Benchmarks/geometry-benchmark"),
        .executableTarget(
            name: "network-benchmark",
            dependencies: [
                "BenchmarkArguments", "IMRNet", "NeuralNetwork", "ParallelLoops", "PointClouds", "SeededRandom",
            ],
            path: "Benchmarks/network-benchmark"),
        .executableTarget(
            name: "ingest-benchmark",
            dependencies: ["BenchmarkArguments", "FrameProtocol", "Ingest", "Threads", "ZeroMQ"],
            path: "Benchmarks/ingest-benchmark"),
        .executableTarget(
            name: "journal-benchmark", dependencies: ["Journal", "Publishing", "Threads", "ZeroMQ"],
            path: "Benchmarks/journal-benchmark"),

        // What several test targets share: what they need of the machine, captures, driving the built program, a disk that fails
        // below SQLite.
        .target(name: "TestRequirements", path: "Tests/Support/TestRequirements"),
        .target(
            name: "TestCaptures", dependencies: ["FrameProtocol", "SeededRandom"], path: "Tests/Support/TestCaptures"),
        .target(
            name: "TestPrograms", dependencies: ["FrameProtocol", "Inspection", "Threads", "ZeroMQ"],
            path: "Tests/Support/TestPrograms"),
        .target(name: "CThreadWedge", path: "Tests/Support/CThreadWedge"),
        .target(
            name: "CFaultyDisk", path: "Tests/Support/CFaultyDisk", linkerSettings: [.linkedLibrary("sqlite3")]),

        .testTarget(
            name: "PointCloudsTests",
            dependencies: ["CKernels", "ParallelLoops", "SeededRandom", "PointClouds", "PointCloudFiles"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "NeuralNetworkTests", dependencies: ["NeuralNetwork", "CKernels", "ParallelLoops", "SeededRandom"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "IMRNetTests",
            dependencies: ["IMRNet", "NeuralNetwork", "PointClouds", "ParallelLoops", "SeededRandom"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "InspectionTests",
            dependencies: ["Inspection", "PointClouds", "IMRNet", "ParallelLoops", "SeededRandom"]),
        .testTarget(
            name: "AnomalySynthesisTests",
            dependencies: ["AnomalySynthesis", "PointClouds", "ParallelLoops", "SeededRandom"]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "Evaluation", "AnomalySynthesis", "Inspection", "IMRNet", "NeuralNetwork", "PointClouds",
                "ParallelLoops", "SeededRandom",
            ],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "HeatMapsTests", dependencies: ["HeatMaps", "Inspection", "PointClouds", "ParallelLoops", "CZlib"]),
        .testTarget(
            name: "FrameProtocolTests", dependencies: ["CZlib", "FrameProtocol", "TestCaptures"],
            resources: [.copy("Fixtures")]),
        .testTarget(name: "FleetTests", dependencies: ["Fleet", "SeededRandom"]),
        .testTarget(
            name: "NATSTransportTests",
            dependencies: ["NATSTransport", "TestPrograms", "TestRequirements", "Threads"]),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"]),
        .testTarget(name: "ServiceManagerTests", dependencies: ["ServiceManager", "TestPrograms", "Threads"]),
        .testTarget(name: "ZeroMQTests", dependencies: ["CZeroMQ", "TestPrograms", "Threads", "ZeroMQ"]),
        .testTarget(
            name: "IngestTests",
            dependencies: ["FrameProtocol", "Ingest", "TestCaptures", "TestRequirements", "Threads", "ZeroMQ"]),
        .testTarget(name: "PublishingTests", dependencies: ["FrameProtocol", "Publishing", "Threads", "ZeroMQ"]),
        .testTarget(
            name: "DashboardTests",
            dependencies: [
                "Dashboard", "DashboardPages", "TestPrograms", "Threads",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(name: "MonitorConfigurationTests", dependencies: ["MonitorConfiguration", "TestPrograms"]),
        // The dashboard in Debian's Chromium.
        .testTarget(
            name: "BrowserTests",
            dependencies: ["scanward", "Inspection", "PointCloudFiles", "TestPrograms", "TestRequirements"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "scanward", "FrameProtocol", "Inspection", "Journal", "MonitorConfiguration", "PointCloudFiles",
                "PointClouds",
                "TestCaptures", "TestPrograms", "TestRequirements", "Threads", "ZeroMQ",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(
            name: "JournalTests",
            dependencies: [
                "Journal", "SeededRandom", "Threads", "CFaultyDisk", "TestPrograms",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        // Every decoder of bytes from outside, over what fuzzing found (tools/fuzzing).
        .testTarget(
            name: "DecoderTests",
            dependencies: [
                "Fleet", "FrameProtocol", "HeatMaps", "IMRNet", "Ingest", "Inspection", "MonitorConfiguration",
                "NeuralNetwork", "Threads", "ZeroMQ",
            ],
            exclude: ["Fixtures"]),
        // What is operated and integrated: schemas, publishers, units and their restrictions, the package.
        .testTarget(
            name: "OperationTests",
            dependencies: [
                "scanward", "FrameProtocol", "Inspection", "PointCloudFiles", "PointClouds", "TestPrograms",
                "TestRequirements", "Threads", "ZeroMQ",
            ]),
        // The promises of docs/reliability.md, on the built binary; SCANWARD_FAULTS=full runs them in full length.
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "scanward", "CThreadWedge", "Fleet", "FrameProtocol", "Ingest", "Inspection", "Journal",
                "NATSTransport",
                "PointCloudFiles", "PointClouds",
                "Publishing", "SeededRandom", "TestCaptures", "TestPrograms", "TestRequirements", "Threads", "ZeroMQ",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// `make test-asan`: the targets that depend on no package, and their tests, without compiling any dependency.
if Context.environment["SCANWARD_PURE"] != nil {
    let packaged: Set = [
        "Journal", "Dashboard", "DashboardPages", "MonitorConfiguration", "ServiceManager", "TestPrograms", "scanward",
    ]
    package.targets.removeAll { target in
        target.name == "CFaultyDisk" || packaged.contains(target.name)
            || target.dependencies.contains {
                if case .byNameItem(let name, _) = $0 { packaged.contains(name) } else { false }
            }
    }
    package.dependencies = []
    package.products = []
}

for target in package.targets where target.type != .system {
    if target.type == .regular && target.name.hasPrefix("C") { continue }
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .treatAllWarnings(as: .error),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
        ]
}
