import ArgumentParser
import Foundation
import Journal

/// Where a monitor keeps its journal: as it is said, or as the monitor's own configuration says.
struct StateOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The monitor's configuration file. Default: $SCANWARD_CONFIG, or \(ConfigurationSource.installed) if it is there.",
            valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The monitor's state folder, as run --state, where the file does not name it.", valueName: "folder"))
    var state: String?

    /// - Throws: `Failure` also where this user may not enter it.
    func folder() throws -> StateFolder {
        let source = ConfigurationSource(
            file: config, options: state.map { [.stateFolder: [$0]] } ?? [:]
        ).orInstalled
        let effective = source.read()
        if let path = effective.text(.stateFolder) {
            try FolderAccess.require(path)
            return StateFolder(path)
        }
        // Of a file that cannot be parsed nothing is known; the monitor would refuse it too.
        guard effective.faults.isEmpty || source.file == nil else {
            throw Failure(effective.faults, hasFile: true)
        }
        throw Failure("expected the monitor's state folder, by --config FILE or --state FOLDER")
    }
}
