import Foundation
import PointCloudFiles
import TestPrograms

/// A machine as the documentation takes it to be: its folders, and nothing at its ports.
///
/// The command lines run in a mount and a network namespace: /etc, /usr/share and /var/lib are covered by overlays, the
/// documented ports are free, and nothing of it is left.
final class DocumentationWorld: Sendable {
    static let need = "needs root or user namespaces, iproute2 and sqlite3, to run command lines as they are documented"

    static func isPossible() async -> Bool {
        guard let world = try? DocumentationWorld(ScratchFolder("world")) else { return false }
        guard await world.holder.errorLine(where: { $0 == "ready" }) != nil else { return false }
        world.leave()
        return ["/usr/bin/sqlite3", "/usr/bin/curl"].allSatisfy(FileManager.default.isExecutableFile(atPath:))
    }

    private let folder: ScratchFolder
    /// Holds the namespaces.
    private let holder: Program

    /// A world of its own, with what the pages take for granted.
    static func make() async throws -> DocumentationWorld {
        let folder = try ScratchFolder("world")
        let base = try await base.value
        let copy = try Program(["-a", base.path + "/.", folder.path], binary: URL(filePath: "/bin/cp"))
        guard await copy.finish().status == 0 else { throw NotMade(sentence: "the base cannot be copied") }
        let world = try DocumentationWorld(folder)
        guard await world.holder.errorLine(where: { $0 == "ready" }) != nil else {
            throw NotMade(sentence: world.holder.errorLines.joined(separator: "\n"))
        }
        return world
    }

    private init(_ folder: ScratchFolder) throws {
        self.folder = folder
        let asRoot = geteuid() == 0 ? [] : ["--map-root-user"]
        holder = try Program(
            asRoot + [
                "--mount", "--net", "--propagation", "private", "/bin/bash", "-c", Self.script, "world", folder.path,
                Program.binary.path, Program.repository.path,
            ], binary: URL(filePath: "/usr/bin/unshare"))
    }

    deinit { leave() }

    func leave() { holder.signal(SIGKILL) }

    /// Starts a command line, as a shell in the world's folder takes it. It is ended after two minutes.
    func start(_ line: String) throws -> Program {
        var prefix = ["/usr/bin/nsenter", "--target", "\(holder.processIdentifier)", "--mount", "--net"]
        if geteuid() != 0 { prefix += ["--user", "--preserve-credentials"] }
        let path = "\(folder.path)/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let program = try Program(
            ["-c", "cd '\(folder.path)' && PATH='\(path)' && exec \(line)"], startedBy: prefix,
            binary: URL(filePath: "/bin/bash"))
        // Not by timeout(1): it is started with SIGTERM blocked, and would not hand it on.
        Task.detached {
            try? await Task.sleep(for: .seconds(120))
            program.signal(SIGKILL)
        }
        return program
    }

    /// Runs a command line to its end.
    func run(_ line: String) async throws -> Program.Output { try await start(line).finish() }

    struct NotMade: Error { let sentence: String }

    private static let script = """
        set -euo pipefail
        cd "$1"
        mkdir -p system bin backup
        mount -t tmpfs tmpfs system
        for folder in etc usr/share var/lib; do
          mkdir -p system/$folder/upper system/$folder/work
          mount -t overlay overlay /$folder \\
            -o "lowerdir=/$folder,upperdir=$PWD/system/$folder/upper,workdir=$PWD/system/$folder/work"
        done
        ln -s "$2" bin/scanward
        printf '#!/bin/sh\\nexec "$@"\\n' >bin/sudo
        chmod +x bin/sudo
        ip link set lo up
        ip address add 192.168.1.20/32 dev lo
        echo "127.0.0.1 monitor" >>/etc/hosts
        if [[ -d models ]]; then
          cp -r "$3/config" config
          ln -s "$3/docs" docs
          ln -s "$3/fixtures" fixtures
          ln -s fixtures/backbone/base.safetensors point-mae-base.safetensors
          ln -s fixtures/captures/zmtp30.pcap line.pcap
          mkdir -p /etc/scanward /var/lib/scanward /usr/share/scanward/examples/mug
          sed 's|^base_folder: .*|base_folder: /var/lib/scanward|' config/scanward.yaml >/etc/scanward/scanward.yaml
          cp -r models /var/lib/scanward
          cp -r good /usr/share/scanward/examples/mug/train
          cp -r scans /usr/share/scanward/examples/mug/test
        fi
        echo ready >&2
        exec sleep infinity
        """

    /// What all worlds begin with: small meshes, scans of one of them, a model taught from one scan, a data set of two parts.
    private static let base = Task { () throws -> ScratchFolder in
        let folder = try ScratchFolder("base"), files = FileManager.default
        func make(_ names: String...) throws {
            for name in names {
                try files.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
            }
        }
        func run(_ arguments: [String]) async throws {
            let output = try await Program.run(arguments)
            guard output.status == 0 else { throw NotMade(sentence: output.standardError) }
        }
        try make("meshes", "shapes", "good", "scans", "models", "data/pcd/ring0/train", "data/pcd/ring0/test")
        for name in ["ring0", "hoop0"] {
            try Data(ring.utf8).write(to: URL(filePath: folder.file("meshes/\(name).obj")))
        }
        try files.copyItem(atPath: folder.file("meshes"), toPath: folder.file("shapes/meshes"))
        try await run([
            "synthesize", folder.file("meshes"), "--classes", "ring0", "--out", folder.file("made"), "--points", "3000",
            "--good", "1", "--defects", "7",
        ])
        let made = folder.file("made/pcd/ring0")
        for (from, to) in [
            ("train/ring0_template0.pcd", "good/ring.pcd"), ("train/ring0_template1.pcd", "scans/part-17.pcd"),
            ("train/ring0_template2.pcd", "scans/mug_01.pcd"),
            ("train/ring0_template0.pcd", "data/pcd/ring0/train/ring0_template0.pcd"),
            ("test/ring0_positive0.pcd", "data/pcd/ring0/test/ring0_positive0.pcd"),
            ("test/ring0_hole0.pcd", "data/pcd/ring0/test/ring0_hole0.pcd"), ("GT", "data/pcd/ring0/GT"),
        ] {
            try files.copyItem(atPath: "\(made)/\(from)", toPath: folder.file(to))
        }
        for name in ["test-standard", "test-hard"] {
            try make("data/\(name)")
            try files.copyItem(atPath: folder.file("data/pcd"), toPath: folder.file("data/\(name)/pcd"))
        }
        let scan = try PointCloudFile.read([UInt8](Data(contentsOf: URL(filePath: folder.file("good/ring.pcd")))))
        try Data(scan.points.map { "\($0.x) \($0.y) \($0.z)\n" }.joined().utf8)
            .write(to: URL(filePath: folder.file("part1.xyz")))
        try files.removeItem(atPath: folder.file("made"))
        try await run([
            "teach", "--type", "bracket", "--steps", "0", "--detection-trials", "0", "--out",
            folder.file("models/bracket"), folder.file("good"),
        ])
        return folder
    }

    /// A ring of 24 x 12 corners, oval, with a step, so that it lies one way alone.
    private static var ring: String {
        let around = 24, across = 12
        var text = ""
        for i in 0..<around {
            for j in 0..<across {
                let a = 2 * Double.pi * Double(i) / Double(around), b = 2 * Double.pi * Double(j) / Double(across)
                let radius = 30 + 8 * cos(b)
                text += "v \(radius * cos(a)) \(0.7 * radius * sin(a)) \(8 * sin(b) + (i < 5 ? 3 : 0))\n"
            }
        }
        func corner(_ i: Int, _ j: Int) -> Int { (i % around) * across + j % across + 1 }
        for i in 0..<around {
            for j in 0..<across {
                text += "f \(corner(i, j)) \(corner(i + 1, j)) \(corner(i + 1, j + 1))\n"
                text += "f \(corner(i, j)) \(corner(i + 1, j + 1)) \(corner(i, j + 1))\n"
            }
        }
        return text
    }
}
