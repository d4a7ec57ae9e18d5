import CNATS
import Glibc

extension NATSConnection {
    /// The library's options, to be destroyed by whoever asked.
    static func options(_ configuration: NATSConfiguration, waits: Bool) throws(NATSError) -> OpaquePointer {
        var made: OpaquePointer?
        try check("NATS", natsOptions_Create(&made))
        guard let options = made else { throw NATSError(.failed, "NATS: no options could be made") }
        do throws(NATSError) {
            try setServers(options, configuration)
            try setSecurity(options, configuration)
            try check("NATS", natsOptions_SetName(options, configuration.name))
            // What was asked before the link was cut is asked again by whoever asked.
            try check("NATS", natsOptions_SetFailRequestsOnDisconnect(options, true))
            // Who publishes waits for the answer.
            try check("NATS", natsOptions_SetSendAsap(options, true))
            try check("NATS", natsOptions_SetTimeout(options, 3000))
            try check("NATS", natsOptions_SetReconnectWait(options, 500))
            try check("NATS", natsOptions_SetReconnectJitter(options, 250, 500))
            try check("NATS", natsOptions_SetMaxReconnect(options, -1))
            // A cut link is seen after two pings without an answer: 10 s at most.
            try check("NATS", natsOptions_SetPingInterval(options, 3000))
            try check("NATS", natsOptions_SetMaxPingsOut(options, 2))
            if !waits { try check("NATS", natsOptions_SetAllowReconnect(options, false)) }
        } catch {
            natsOptions_Destroy(options)
            throw error
        }
        return options
    }

    private static func setServers(_ options: OpaquePointer, _ configuration: NATSConfiguration) throws(NATSError) {
        for server in configuration.servers {
            if let refusal = NATSConfiguration.refusal(of: server) { throw NATSError(.configuration, refusal) }
        }
        guard !configuration.servers.isEmpty else {
            throw NATSError(.configuration, "expected the address of a NATS server, found none: say fleet.servers")
        }
        var texts = configuration.servers.map { strdup($0) }
        defer { for text in texts { free(text) } }
        let status = texts.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress!.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: buffer.count) {
                natsOptions_SetServers(options, $0, Int32(buffer.count))
            }
        }
        try check(configuration.servers.joined(separator: ", "), status)
    }

    private static func setSecurity(_ options: OpaquePointer, _ configuration: NATSConfiguration) throws(NATSError) {
        if let path = configuration.credentialsFile {
            let status =
                switch try NATSCredentials(reading: path) {
                case .userFile(let file): natsOptions_SetUserCredentialsFromFiles(options, file, nil)
                case .user(let user, let password): natsOptions_SetUserInfo(options, user, password)
                case .token(let token): natsOptions_SetToken(options, token)
                }
            try check("fleet.credentials_file", status)
        }
        guard configuration.usesTLS else { return }
        try check("TLS", natsOptions_SetSecure(options, true))
        if let file = configuration.caFile {
            try load("fleet.ca_file: \(file)", natsOptions_LoadCATrustedCertificates(options, file))
        }
        switch (configuration.certificateFile, configuration.keyFile) {
        case (let certificate?, let key?):
            try load(
                "fleet.certificate_file: \(certificate), fleet.key_file: \(key)",
                natsOptions_LoadCertificatesChain(options, certificate, key))
        case (nil, nil): break
        default:
            throw NATSError(
                .configuration, "fleet.certificate_file and fleet.key_file go together: one of them is missing")
        }
    }

    private static func load(_ what: String, _ status: natsStatus) throws(NATSError) {
        guard status == NATS_OK else {
            throw NATSError(
                .configuration,
                "\(what): expected PEM that can be read, the library says: "
                    + String(cString: natsStatus_GetText(status)))
        }
    }
}
