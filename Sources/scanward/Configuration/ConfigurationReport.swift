import Foundation
import MonitorConfiguration

/// Faults and values as `config check` and `config show` print them for programs.
enum ConfigurationReport {
    struct Fault: Encodable {
        var severity: String
        var key: String?
        var origin: Origin
        var message: String
        var nearest: String?

        init(_ fault: ConfigurationFault) {
            severity = fault.isWarning ? "warning" : "error"
            key = fault.key
            origin = Origin(fault.origin)
            message = fault.message
            nearest = fault.nearest
        }
    }

    struct Origin: Encodable {
        /// default, file, environment or option.
        var kind: String
        /// The file, the variable or the option.
        var name: String?
        var line: Int?
        var column: Int?

        init(_ origin: ConfigurationOrigin) {
            switch origin {
            case .standard: kind = "default"
            case .file(let name, let line, let column):
                kind = "file"
                (self.name, self.line, self.column) = (name, line, column)
            case .environment(let name):
                kind = "environment"
                self.name = name
            case .option(let name):
                kind = "option"
                self.name = name
            }
        }
    }

    struct Check: Encodable {
        var file: String?
        var isUsable: Bool
        var faults: [Fault]

        enum CodingKeys: String, CodingKey {
            case file, faults
            case isUsable = "is_usable"
        }
    }

    struct Value: Encodable {
        var key: String
        var value: Content
        var unit: String?
        var origin: Origin
        var change: String

        init(_ name: ConfigurationName, _ value: EffectiveConfiguration.Value) {
            key = name.description
            self.value = Content(kind: value.key.kind, texts: value.texts)
            unit = value.key.unit
            origin = Origin(value.origin)
            change = value.key.change.rawValue
        }
    }

    /// In the type that it has.
    struct Content: Encodable {
        let kind: ValueKind
        let texts: [String]

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            let text = texts.first ?? ""
            switch kind {
            case .flag: try container.encode(text == "true")
            case .whole: try container.encode(Int(text) ?? 0)
            case .number: try container.encode(Double(text) ?? 0)
            default: kind.isList ? try container.encode(texts) : try container.encode(text)
            }
        }
    }
}
