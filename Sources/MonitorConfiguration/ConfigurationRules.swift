import ZeroMQ

/// What must hold between the keys.
extension EffectiveConfiguration {
    mutating func applyRules() {
        checkFleet()
        chooseSource()
        checkArrays()
        checkState()
        checkAccess()
        checkEndpoints()
        checkModels()
    }

    // MARK: Values, for the rules and for those who compose

    public func value(_ key: ConfigurationKey) -> Value? { values[ConfigurationName(key)] }

    public func text(_ key: ConfigurationKey) -> String? { value(key)?.texts.first }

    /// The text, where it is not "none".
    func some(_ key: ConfigurationKey) -> String? { text(key).flatMap { $0 == "none" ? nil : $0 } }

    private func isGiven(_ key: ConfigurationKey) -> Bool { (value(key)?.origin.rank ?? 0) > 0 }

    private mutating func refuse(_ key: ConfigurationKey, _ message: String, isWarning: Bool = false) {
        faults.append(
            .init(
                key: key.name, origin: value(key)?.origin ?? .standard, message: message, isWarning: isWarning))
    }

    /// For faults of what is not there: no place but the key's own name.
    private mutating func miss(_ key: ConfigurationKey, _ message: String) {
        faults.append(.init(key: hasFile ? key.name : key.option ?? key.name, origin: .standard, message: message))
    }

    /// One of bind and connect: the one that was said in the stronger place.
    private mutating func chooseSource() {
        if usesSources && hasLine {
            let bind = value(.bind)?.origin.rank ?? 0, connect = value(.connect)?.origin.rank ?? -1
            if bind == connect {
                refuse(.connect, "expected one of \(label(.bind)) and \(label(.connect)), found both")
                return
            }
            values[ConfigurationName(connect > bind ? .bind : .connect)] = nil
        } else {
            for key in [ConfigurationKey.bind, .connect, .serverKeys, .arraySource, .arrayUnit, .arrayGap] {
                values[ConfigurationName(key)] = nil
            }
        }
    }

    /// Whether frames come here.
    private var hasLine: Bool { role != .score && role != .hub }

    private var role: FleetSettings.Role { text(.role).flatMap(FleetSettings.Role.init) ?? .all }

    private mutating func checkFleet() {
        if (value(.natsCertificate) == nil) != (value(.natsKey) == nil) {
            let (given, missing) =
                value(.natsKey) == nil
                ? (ConfigurationKey.natsCertificate, ConfigurationKey.natsKey) : (.natsKey, .natsCertificate)
            refuse(given, "expected \(label(missing)) too: a certificate and its key go together")
        }
        let kept =
            switch role {
            case .all: ""
            case .ingest: "its spool and its journal"
            case .score: "its models"
            case .hub: "its journal"
            }
        if !kept.isEmpty, value(.stateFolder) == nil {
            refuse(.role, "\(role.rawValue) goes with \(label(.stateFolder)): \(kept) lie there")
        }
        guard role == .score else { return }
        for key in [ConfigurationKey.publish, .replay, .http] { values[ConfigurationName(key)] = nil }
    }

    private mutating func checkArrays() {
        guard value(.arraySource) != nil else {
            for key in [ConfigurationKey.arrayUnit, .arrayGap] where value(key) != nil {
                refuse(key, "\(label(key)) goes with \(label(.arraySource)): arrays do not say whose they are")
            }
            return
        }
        if value(.arrayUnit) == nil {
            refuse(
                .arraySource,
                "expected \(label(.arrayUnit)) mm, m or um too: arrays do not say it, and a wrong factor of 1000 is the "
                    + "likeliest fault of all")
        }
        if let endpoints = value(.connect)?.texts, endpoints.count > 1 {
            refuse(
                .arraySource,
                "expected one endpoint of \(label(.connect)), found \(endpoints.count): arrays of several scanners cannot be "
                    + "told apart")
        }
    }

    private mutating func checkState() {
        guard value(.stateFolder) == nil else { return }
        for key in [ConfigurationKey.replay, .http] where isGiven(key) && some(key) != nil {
            refuse(key, "\(label(key)) goes with \(label(.stateFolder)): it answers from the journal")
        }
        values[ConfigurationName(.replay)] = nil
        values[ConfigurationName(.http)] = nil
    }

    private mutating func checkAccess() {
        let listens = value(.bind) != nil || some(.publish) != nil || some(.replay) != nil
        let connect = value(.connect)
        guard value(.curveSecretFile) != nil else {
            for key in [ConfigurationKey.allowListFile, .serverKeys] where value(key) != nil {
                refuse(
                    key,
                    "\(label(key)) goes with \(label(.curveSecretFile)): without a key of our own nothing is encrypted")
            }
            return
        }
        if listens, value(.allowListFile) == nil {
            refuse(
                .curveSecretFile,
                "expected \(label(.allowListFile)) FILE too, the public keys that may connect. Encryption without it lets in "
                    + "whoever makes a key; `scanward keys allow NAME KEY --allow-list FILE` makes one")
        } else if !listens, value(.allowListFile) != nil {
            refuse(.allowListFile, "nothing listens here, so that nobody can be let in")
        }
        guard let connect else {
            if value(.serverKeys) != nil {
                refuse(
                    .serverKeys,
                    "\(label(.serverKeys)) goes with \(label(.connect)): here others connect, and \(label(.allowListFile)) "
                        + "names them")
            }
            return
        }
        guard let keys = value(.serverKeys) else {
            refuse(
                .curveSecretFile,
                "expected \(label(.serverKeys)) KEY too, the scanner's public key; without it anyone could stand in for the "
                    + "scanner")
            return
        }
        if keys.texts.count != 1, keys.texts.count != connect.texts.count {
            refuse(
                .serverKeys,
                "expected one key for all, or one for each of the \(connect.texts.count) endpoints of \(label(.connect)), "
                    + "found \(keys.texts.count)")
        }
    }

    private mutating func checkEndpoints() {
        let isProtected = value(.curveSecretFile) != nil, isAllowed = text(.allowInsecure) == "true"
        var taken: [String: ConfigurationKey] = [:]
        for key in [ConfigurationKey.bind, .publish, .replay] {
            guard let endpoint = some(key) else { continue }
            if let other = taken[endpoint], !endpoint.hasSuffix(":0") {
                refuse(key, "expected an endpoint of its own, found that of \(label(other)): \(endpoint)")
            }
            taken[endpoint] = key
            guard !isProtected, !isAllowed, !Endpoint.isLocal(endpoint) else { continue }
            refuse(
                key,
                "\(endpoint) can be reached by other machines, without encryption and without asking who they are: use "
                    + "127.0.0.1, or give \(label(.curveSecretFile)) and \(label(.allowListFile)) (docs/security.md), or "
                    + "allow_insecure: true (--allow-insecure) on a network that you trust")
        }
        guard let address = some(.http), let server = HostAndPort(address), !server.isLocal else { return }
        guard isAllowed else {
            return refuse(
                .http,
                "\(address) can be reached by other machines, without encryption: use 127.0.0.1:\(server.port) with a proxy that "
                    + "encrypts before it, or allow_insecure: true (--allow-insecure) on a network that you trust")
        }
        guard value(.tokensFile) == nil else { return }
        refuse(
            .http,
            "\(address) can be reached by other machines: say with \(label(.tokensFile)) FILE who may come in "
                + "(`scanward tokens create NAME --role viewer --file FILE`)")
    }

    private mutating func checkModels() {
        guard hasLine, value(.models) == nil, !values.values.contains(where: { $0.key == .partTypeModel }) else {
            return
        }
        // Said, and refused already; or in a file of which nothing is known.
        guard
            !faults.contains(where: { $0.key == ConfigurationKey.models.name || ($0.key == nil && $0.origin.rank == 1) }
            )
        else { return }
        miss(.models, "expected the folders of models, found none: name them, or make a model with `scanward teach`")
    }
}

extension ValueKind {
    static func isCurveKey(_ text: String) -> Bool { CurveKey(text) != nil }
}
