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
        try Self.folder(config: config, state: state, expecting: "by --config FILE or --state FOLDER")
    }

    /// - Parameter ways: how it could be said, for whoever did not.
    static func folder(config: String?, state: String?, expecting ways: String) throws -> StateFolder {
        let source = ConfigurationSource(
            file: config, options: state.map { [.stateFolder: [$0]] } ?? [:]
        ).orInstalled
        let path = try source.text(.stateFolder, expecting: "the monitor's state folder, \(ways)")
        try FolderAccess.require(path)
        return StateFolder(path)
    }
}

/// A journal, as the commands take it that are about nothing else: named, or the monitor's own.
struct JournalPlace: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The monitor's configuration file, which names the folder. Default: $SCANWARD_CONFIG, or \(ConfigurationSource.installed) if it is there.",
            valueName: "file"))
    var config: String?

    @Argument(
        help: ArgumentHelp(
            "What run --state was given; `export` also takes a database that was set aside. Default: as the configuration says.",
            valueName: "folder"))
    var folder: String?

    /// - Throws: `Failure` also where this user may not enter it.
    func path() throws -> String {
        if let folder {
            try FolderAccess.require(folder)
            return folder
        }
        return try StateOption.folder(config: config, state: nil, expecting: "as an argument or by --config FILE").path
    }
}
