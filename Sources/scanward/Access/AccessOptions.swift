import ArgumentParser
import Foundation
import ZeroMQ

/// CURVE for a command that connects.
struct ClientKeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("CURVE: our key pair, a file of `scanward keys generate`.", valueName: "file"))
    var curveSecret: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "CURVE: public key of the peer that is connected to, or a key file that has it.", valueName: "key"))
    var serverKey: String?

    /// How a socket that connects is protected.
    func security() throws -> SocketSecurity {
        guard let curveSecret else {
            guard serverKey == nil else {
                throw Failure("--server-key goes with --curve-secret: a client has a key too")
            }
            return .none
        }
        guard let serverKey else {
            throw Failure(
                "--curve-secret: expected --server-key KEY too, the public key of the peer that is connected to; without "
                    + "it anyone could stand in for that peer")
        }
        return .curveClient(try KeyFile.read(curveSecret), server: try Self.key(serverKey))
    }

    /// A key as such, or of a key file. A path of forty characters may look like a key: where there is a file, it is one.
    static func key(_ text: String) throws -> CurveKey {
        let path = ServiceCredential.path(for: text)
        if FileManager.default.fileExists(atPath: path) { return try KeyFile.publicKey(path) }
        guard let key = CurveKey(text) else {
            throw Failure("expected \(CurveKey.expectation), or a key file; found \"\(printable(text))\"")
        }
        return key
    }
}

/// CURVE and its absence for a command that listens, and may connect as well.
struct AccessOptions: ParsableArguments {
    @OptionGroup var client: ClientKeyOptions

    @Option(
        help: ArgumentHelp(
            "CURVE: public keys that may connect, a file of `scanward keys allow`; read anew when it changes and on "
                + "SIGHUP.", valueName: "file"))
    var allowList: String?

    @Flag(help: "Allow an unencrypted bind that other machines can reach.")
    var allowInsecure = false

    var configuration: AccessConfiguration {
        AccessConfiguration(
            curveSecret: client.curveSecret, serverKeys: client.serverKey.map { [$0] } ?? [], allowList: allowList,
            allowInsecure: allowInsecure)
    }
}

/// What a process is told about who may connect to its sockets.
struct AccessConfiguration: Sendable, Equatable {
    var curveSecret: String?
    /// Of the peers that are connected to: one for all, or one for each.
    var serverKeys: [String] = []
    var allowList: String?
    var allowInsecure = false
}
