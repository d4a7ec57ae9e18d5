import Inspection
import PointClouds

/// One HTML page with the heat maps of several parts. Self-contained: styles and pictures lie in the page, its policy
/// forbids every request, and it has no script.
public enum HeatMapPage {
    public struct Entry: Sendable {
        public var heatMap: HeatMapInput
        /// `heatMap.png()`, or a picture stored earlier.
        public var png: [UInt8]

        public init(heatMap: HeatMapInput, png: [UInt8]) {
            self.heatMap = heatMap
            self.png = png
        }
    }

    /// - Parameters:
    ///   - title: heading of the page; escaped, as is every text of the entries.
    ///   - note: a line under the heading, such as the time, the model and the number of parts that passed.
    public static func html(title: String, note: String = "", entries: [Entry]) -> String {
        var page = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <meta name="color-scheme" content="light dark">
            <title>\(HTML.escaped(title))</title>
            <style>\(HeatMapPageStyle.css)</style>
            </head>
            <body>
            <header><h1>\(HTML.escaped(title))</h1><p>\(HTML.escaped(note))</p></header>
            <main>

            """
        if entries.isEmpty { page += "<p class=\"none\">No parts to show.</p>\n" }
        if entries.count > 1 { page += contents(entries) }
        for (index, entry) in entries.enumerated() { page += section(entry, number: index + 1) }
        return page + "</main>\n</body>\n</html>\n"
    }

    private static func contents(_ entries: [Entry]) -> String {
        let links = entries.enumerated().map { index, entry in
            "<a href=\"#part-\(index + 1)\">\(badge(entry.heatMap.evaluation)) \(HTML.escaped(entry.heatMap.partID))"
                + " <span>\(NumberText.short(entry.heatMap.score))</span></a>"
        }
        return "<nav aria-label=\"Parts\">\(links.joined(separator: "\n"))</nav>\n"
    }

    private static func section(_ entry: Entry, number: Int) -> String {
        let input = entry.heatMap
        let alternative = "Heat map of part \(input.partID): \(HeatMapPicture.summary(input))"
        let reasons = input.reasons.map { "<li>\(HTML.escaped($0))</li>" }.joined()
        return """
            <article id="part-\(number)">
            <h2>\(badge(input.evaluation)) \(HTML.escaped(input.partID)) <span class="type">\(HTML.escaped(input.partType))</span></h2>
            <p class="facts"><b>Score \(NumberText.short(input.score))</b>, threshold \(NumberText.short(input.threshold))\
            \(input.origin.isEmpty ? "" : " · " + HTML.escaped(input.origin))</p>
            \(reasons.isEmpty ? "" : "<ul>\(reasons)</ul>")
            <img src="\(HTML.dataURI(png: entry.png))" width="\(HeatMapPicture.width)" height="\(HeatMapPicture.height)" \
            alt="\(HTML.escaped(alternative))">
            <div class="tables">
            \(regions(input))
            \(channels(input))
            </div>
            </article>

            """
    }

    private static func badge(_ evaluation: String) -> String {
        let style = ["ok": "good", "not_ok": "bad"][evaluation] ?? "unknown"
        return "<span class=\"badge \(style)\">\(HTML.escaped(evaluation.replacing("_", with: " ")))</span>"
    }

    private static func regions(_ input: HeatMapInput) -> String {
        guard !input.regions.isEmpty else { return "<p class=\"none\">No region above the threshold.</p>" }
        let rows = input.regions.map { region in
            """
            <tr><th scope="row">\(region.id)</th><td class="kind \(region.kind.rawValue)">\(region.kind.rawValue)</td>\
            <td>\(input.place(region.centroid))</td><td>\(NumberText.size(region.box.extent, times: "×"))</td>\
            <td>\(region.deviation.map { NumberText.fixed($0, 2, sign: true) } ?? "-")</td>\
            <td>\(NumberText.short(region.area))</td><td>\(NumberText.short(region.peak))</td><td>\(region.points)</td></tr>
            """
        }
        let frame = input.frameID.isEmpty ? "" : " in " + HTML.escaped(input.frameID)
        return """
            <div class="scroll"><table>
            <thead><tr><th scope="col">Region</th><th scope="col">Kind</th><th scope="col">Place\(frame)<small>x, y, z, mm</small></th>\
            <th scope="col">Size<small>mm</small></th><th scope="col">Deviation<small>mm</small></th>\
            <th scope="col">Area<small>mm²</small></th><th scope="col">Peak<small>score</small></th><th scope="col">Points</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>
            """
    }

    private static func channels(_ input: HeatMapInput) -> String {
        let used = Channel.allCases.compactMap { channel in input.channelScores[channel].map { (channel, $0) } }
        guard !used.isEmpty else { return "" }
        let rows = used.map { channel, score in
            "<tr><th scope=\"row\">\(channel.rawValue)</th><td>\(NumberText.short(score))</td></tr>"
        }
        return """
            <div class="scroll narrow"><table>
            <thead><tr><th scope="col">Channel</th><th scope="col">Score</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>
            """
    }
}
