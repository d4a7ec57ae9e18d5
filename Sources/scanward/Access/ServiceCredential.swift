import Foundation

/// Secrets that a service manager hands to the service alone (systemd.exec(5), LoadCredential): the file itself belongs to
/// root and is not readable for it.
///
/// The units load the files of /etc/scanward/keys, as `keys_NAME`. So one configuration, which names
/// /etc/scanward/keys/NAME, is right for the service and for root at a terminal.
enum ServiceCredential {
    /// What systemd puts before the name of each file of the folder.
    static let prefix = "keys_"

    /// The file to read where `path` was named: the credential of that name, if there is one.
    static func path(
        for path: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        guard let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else { return path }
        let credential = URL(filePath: folder).appending(path: prefix + URL(filePath: path).lastPathComponent).path
        return FileManager.default.fileExists(atPath: credential) ? credential : path
    }

    /// Which bits of a secret's mode may not be set. A credential may show its access list's mask as rights of the group:
    /// systemd gives the service its right to read by such a list where the file system has them.
    static func forbiddenMode(of path: String, named original: String) -> UInt32 { path == original ? 0o077 : 0o037 }
}
