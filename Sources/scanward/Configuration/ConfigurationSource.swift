import Foundation
import MonitorConfiguration

/// Where a configuration is read from, at the start and at each reload: options and environment as they were at the start,
/// the file as it is.
struct ConfigurationSource: Sendable {
    /// As it was named; nil for none.
    let file: String?
    let options: [ConfigurationKey: [String]]
    let environment: [String: String]
    let usesSources: Bool

    /// Names the file where no option does.
    static let variable = "SCANWARD_CONFIG"
    /// Where the Debian package puts it.
    static let installed = "/etc/scanward/scanward.yaml"

    init(
        file: String?, options: [ConfigurationKey: [String]] = [:], usesSources: Bool = true,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let named = environment[Self.variable].flatMap { $0.isEmpty ? nil : $0 }
        self.file = file ?? named
        self.options = options
        self.usesSources = usesSources
        self.environment = environment
    }

    /// The same with the installed file, where none is named and there is one: for commands about a monitor that runs.
    var orInstalled: ConfigurationSource {
        guard file == nil, FileManager.default.fileExists(atPath: Self.installed) else { return self }
        return ConfigurationSource(
            file: Self.installed, options: options, usesSources: usesSources, environment: environment)
    }

    /// Reads it; what is wrong is in its faults.
    func read() -> EffectiveConfiguration {
        let folder = file.map { ($0 as NSString).deletingLastPathComponent } ?? ""
        return EffectiveConfiguration(
            options: options, environment: environment, file: file.map(Self.read), folder: folder,
            usesSources: usesSources)
    }

    /// One value, for a command that is about a monitor and needs nothing else of its configuration.
    ///
    /// - Parameter expected: what it is, and how it could be said, for whoever did not.
    func text(_ key: ConfigurationKey, expecting expected: String) throws -> String {
        let effective = read()
        if let text = effective.text(key) { return text }
        // Of a file that cannot be parsed nothing is known; the monitor would refuse it too. What else it lacks is no concern here.
        let faults = effective.faults.filter { $0.origin != .standard }
        guard faults.isEmpty || file == nil else { throw Failure(faults, hasFile: true) }
        throw Failure("expected \(expected)")
    }

    private static func read(_ path: String) -> ConfigurationFile {
        var status = stat()
        if let refusal = FolderAccess.refusal(path) { return ConfigurationFile(unreadable: refusal, named: path) }
        guard stat(path, &status) == 0 else {
            return ConfigurationFile(
                unreadable: "expected a configuration file, cannot read it: \(String(cString: strerror(errno)))",
                named: path)
        }
        // A device or a pipe might never end.
        guard status.st_mode & S_IFMT == S_IFREG else {
            return ConfigurationFile(unreadable: "expected a configuration file, found something else", named: path)
        }
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            let data = try handle.read(upToCount: ConfigurationFile.maximumBytes + 1) ?? Data()
            guard let text = String(data: data, encoding: .utf8) else {
                return ConfigurationFile(unreadable: "expected YAML in UTF-8, found other bytes", named: path)
            }
            return ConfigurationFile(text, named: path)
        } catch {
            return ConfigurationFile(
                unreadable: "expected a configuration file, cannot read it: \(error.localizedDescription)", named: path)
        }
    }
}

extension Failure {
    /// All that is wrong with a configuration, a line each.
    init(_ faults: [ConfigurationFault], hasFile: Bool) {
        self.init(
            faults.map { printable($0.description) }.joined(separator: "\nscanward: "),
            ExitCodes(faults, hasFile: hasFile))
    }
}
