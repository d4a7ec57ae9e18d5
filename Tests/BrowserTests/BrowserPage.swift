import Foundation
import Inspection
import TestPrograms

/// One tab of a Chromium.
struct BrowserPage {
    let browser: Chromium
    private let session: String

    /// Opens an empty tab of `width` by `height` pixels.
    init(in browser: Chromium, width: Int = 1440, height: Int = 900, isDark: Bool = false) async throws {
        self.browser = browser
        let target = try await browser.command("Target.createTarget", ["url": .string("about:blank")])
        let attached = try await browser.command(
            "Target.attachToTarget", ["targetId": target["targetId"] ?? .null, "flatten": .bool(true)])
        session = attached["sessionId"]?.string ?? ""
        for domain in ["Page", "Runtime", "Log", "Network"] { try await command("\(domain).enable") }
        try await resize(width: width, height: height)
        let scheme: [String: JSONValue] = [
            "name": .string("prefers-color-scheme"), "value": .string(isDark ? "dark" : "light"),
        ]
        try await command("Emulation.setEmulatedMedia", ["features": .array([.object(scheme)])])
    }

    /// Gives the tab another size, as whoever turns a tablet does.
    func resize(width: Int, height: Int) async throws {
        try await command(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .integer(Int64(width)), "height": .integer(Int64(height)), "deviceScaleFactor": .integer(1),
                "mobile": .bool(false),
            ])
    }

    @discardableResult
    func command(_ method: String, _ parameters: [String: JSONValue] = [:]) async throws -> [String: JSONValue] {
        try await browser.command(method, parameters, session: session)
    }

    func open(_ address: String) async throws {
        let answer = try await command("Page.navigate", ["url": .string(address)])
        if let error = answer["errorText"]?.string { throw Chromium.Failed(description: "\(address): \(error)") }
    }

    /// The value of a script, promises waited for.
    @discardableResult
    func evaluate(_ script: String) async throws -> JSONValue {
        let answer = try await command(
            "Runtime.evaluate",
            ["expression": .string(script), "returnByValue": .bool(true), "awaitPromise": .bool(true)])
        if let exception = answer["exceptionDetails"]?.object {
            let text = exception["exception"]?.object?["description"]?.string ?? exception["text"]?.string
            throw Chromium.Failed(description: "\(script): \(text ?? "failed")")
        }
        return answer["result"]?.object?["value"] ?? .null
    }

    /// Waits until an expression is true in the page, over navigations; what hangs is told with what the page shows.
    func wait(for condition: String) async throws {
        let deadline = ContinuousClock.now + .seconds(240)
        while ContinuousClock.now < deadline {
            let script = """
                new Promise((resolve) => {
                  const end = Date.now() + 10000;
                  const look = () => {
                    let isTrue = false;
                    try { isTrue = Boolean(\(condition)); } catch {}
                    if (isTrue || Date.now() > end) resolve(isTrue); else setTimeout(look, 20);
                  };
                  look();
                })
                """
            // A page that goes away takes the promise with it.
            if let isTrue = try? await evaluate(script).bool, isTrue { return }
        }
        let shown = try? await evaluate("document.body.innerText.slice(0, 1500)").string
        throw Chromium.Failed(description: "waited for \(condition); the page shows: \(shown ?? "nothing")")
    }

    func text(_ selector: String) async throws -> String {
        try await evaluate("document.querySelector(\(Self.quoted(selector))).textContent").string ?? ""
    }

    /// Errors of scripts, of the console, and of what was loaded.
    var errors: [String] {
        browser.events(of: session).compactMap { method, parameters in
            switch method {
            case "Runtime.exceptionThrown":
                return parameters["exceptionDetails"]?.object?["exception"]?.object?["description"]?.string
                    ?? "exception"
            case "Runtime.consoleAPICalled":
                guard ["error", "warning", "assert"].contains(parameters["type"]?.string ?? "") else { return nil }
                return "console: \(parameters["args"] ?? .null)"
            case "Log.entryAdded":
                guard let entry = parameters["entry"]?.object, entry["level"]?.string == "error" else { return nil }
                return "\(entry["text"]?.string ?? "") \(entry["url"]?.string ?? "")"
            case "Page.javascriptDialogOpening": return "a dialog: \(parameters["message"]?.string ?? "")"
            default: return nil
            }
        }
    }

    /// Colours in a canvas, and a number that tells two pictures of it apart.
    func picture(_ selector: String) async throws -> (colors: Int, sum: Double) {
        let script = """
            (() => {
              const canvas = document.querySelector(\(Self.quoted(selector)));
              const copy = document.createElement("canvas");
              copy.width = canvas.width; copy.height = canvas.height;
              const context = copy.getContext("2d");
              context.drawImage(canvas, 0, 0);
              const data = context.getImageData(0, 0, copy.width, copy.height).data, colors = new Set();
              let sum = 0;
              for (let index = 0; index < data.length; index += 4) {
                const color = data[index] * 65536 + data[index + 1] * 256 + data[index + 2];
                colors.add(color);
                sum = (sum * 31 + color) % 1000000007;
              }
              return [colors.size, sum];
            })()
            """
        let values = try await evaluate(script).array ?? []
        return (Int(values.first?.number ?? 0), values.last?.number ?? 0)
    }

    /// Presses a key as a person does.
    func press(_ key: String, code: String? = nil, number: Int) async throws {
        for kind in ["rawKeyDown", "keyUp"] {
            try await command(
                "Input.dispatchKeyEvent",
                [
                    "type": .string(kind), "key": .string(key), "code": .string(code ?? key),
                    "windowsVirtualKeyCode": .integer(Int64(number)),
                ])
        }
    }

    /// Keeps a picture of the page in `.work/screenshots`, for people.
    func screenshot(_ name: String) async throws {
        let answer = try await command("Page.captureScreenshot", ["format": .string("png")])
        let folder = Program.repository.appending(path: ".work/screenshots")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let data = Data(base64Encoded: answer["data"]?.string ?? "") ?? Data()
        try data.write(to: folder.appending(path: "\(name).png"))
    }

    static func quoted(_ text: String) -> String {
        (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
