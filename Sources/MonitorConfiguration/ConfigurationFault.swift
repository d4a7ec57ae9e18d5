/// Where a value comes from, the weakest first.
public enum ConfigurationOrigin: Sendable, Hashable, CustomStringConvertible {
    case standard
    /// Line and column from 1 on.
    case file(String, line: Int, column: Int)
    case environment(String)
    case option(String)

    public var description: String {
        switch self {
        case .standard: "default"
        case .file(let name, let line, _): "\(name):\(line)"
        case .environment(let variable): "environment \(variable)"
        case .option(let option): "option \(option)"
        }
    }

    /// What of two origins wins: the higher.
    public var rank: Int {
        switch self {
        case .standard: 0
        case .file: 1
        case .environment: 2
        case .option: 3
        }
    }
}

/// Something in a configuration that is not as it must be, or (a warning) may not be meant.
public struct ConfigurationFault: Sendable, Equatable, CustomStringConvertible {
    /// What it is about, if one key.
    public let key: String?
    public let origin: ConfigurationOrigin
    /// What was expected, what was found, and what to do.
    public let message: String
    /// The known key that was probably meant.
    public let nearest: String?
    public let isWarning: Bool

    public init(
        key: String?, origin: ConfigurationOrigin, message: String, nearest: String? = nil, isWarning: Bool = false
    ) {
        self.key = key
        self.origin = origin
        self.message = message
        self.nearest = nearest
        self.isWarning = isWarning
    }

    /// `FILE:LINE: key: sentence`, `VARIABLE: sentence` or `--option: sentence`.
    public var description: String {
        let place =
            switch origin {
            case .standard: key.map { "\($0): " } ?? ""
            case .file(let name, let line, _): "\(name):\(line): " + (key.map { "\($0): " } ?? "")
            // Where the sentence begins with it, it is not said twice.
            case .environment(let name), .option(let name): message.hasPrefix(name + " ") ? "" : "\(name): "
            }
        return place + message
    }
}
