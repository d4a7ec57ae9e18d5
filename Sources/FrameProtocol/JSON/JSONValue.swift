/// A JSON value (RFC 8259) and the bytes that it was read from.
struct JSONValue: Sendable {
    enum Kind: Sendable {
        case object([JSONMember])
        case array([JSONValue])
        case string(String)
        /// The number as written, so that no digit of a 64-bit integer is lost in a Double.
        case number(String)
        case bool(Bool)
        case null
    }

    let kind: Kind
    /// Where it stood in the scanned bytes.
    let range: Range<Int>

    /// What to call it in a message: `"mm"`, `12`, `an array`; cut short, with nothing unprintable in it.
    var description: String {
        switch kind {
        case .object: "an object"
        case .array(let elements): "an array of \(elements.count)"
        case .string(let text): quoted(text)
        case .number(let text): text.count > 40 ? "\(text.prefix(40))..." : text
        case .bool(let value): "\(value)"
        case .null: "null"
        }
    }
}

/// One `name: value` pair of a JSON object.
struct JSONMember: Sendable {
    let name: String
    let value: JSONValue
}

/// `text` in double quotes for a message or a log line: at most 48 characters, control characters shown as `\u{..}`.
package func quoted(_ text: String) -> String {
    var result = "\""
    var count = 0
    for scalar in text.unicodeScalars {
        if count == 48 {
            result += "..."
            break
        }
        count += 1
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            result += scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : String(scalar)
        }
    }
    return result + "\""
}
