import Foundation
import Inspection
import Testing

@testable import HeatMaps

@Suite struct HeatMapPageTests {
    @Test func textsFromOutsideAreEscaped() {
        var input = Samples.input(Samples.hotSphere(50), partID: "<script>alert('x')</script>")
        input.partType = "\"><img src=x onerror=y>"
        input.evaluation = "<b>not_ok</b>"
        input.origin = "a & b"
        input.reasons = ["score < 3 > 2", "\u{202E}turned"]
        input.frameID = "<frame>"
        input.regions = [Samples.region(Samples.hotSphere())]
        let page = HeatMapPage.html(
            title: "</title><script>", note: "<i>note</i>", entries: [.init(heatMap: input, png: [1, 2, 3])])
        for tag in ["<script", "<b>not", "<i>", "<frame>", "onerror=y>", "\u{202E}"] {
            #expect(!page.contains(tag))
        }
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
        #expect(page.contains("a &amp; b") && page.contains("score &lt; 3 &gt; 2"))
        #expect(page.components(separatedBy: "<img ").count == 2)
    }

    @Test func asksForNothingFromOutside() {
        let page = HeatMapPage.html(
            title: "Failed parts", entries: [.init(heatMap: Samples.input(Samples.hotSphere(50)), png: [1])])
        #expect(page.contains("default-src 'none'; img-src data:"))
        for word in ["http:", "https:", "url(", "@import", "<link", "<script", "srcset"] {
            #expect(!page.contains(word))
        }
        #expect(page.contains("prefers-color-scheme: dark"))
    }

    @Test func picturesAndTables() throws {
        let map = Samples.hotSphere()
        let regions = [Samples.region(map), Samples.region(map, id: 2, kind: .missing, deviation: nil)]
        let png: [UInt8] = (0...255).map { $0 }
        let page = HeatMapPage.html(
            title: "Failed parts", note: "2 of 90",
            entries: [
                .init(heatMap: Samples.input(map, regions: regions, partID: "one"), png: png),
                .init(heatMap: Samples.input(map, partID: "two"), png: []),
            ])
        let start = try #require(page.range(of: "base64,"))
        let text = page[start.upperBound...].prefix { $0 != "\"" }
        #expect(Data(base64Encoded: String(text)).map(Array.init) == png)
        #expect(page.contains("<td>+1.25</td>") && page.contains("<td>-</td>"))
        #expect(page.contains("excess</td>") && page.contains("missing</td>"))
        #expect(page.contains("<td>\(NumberText.place(regions[0].centroid))</td>"))
        #expect(page.contains("deviation</th><td>12.0</td>") && page.contains("feature</th><td>1.50</td>"))
        #expect(!page.contains("reconstruction</th>"))
        #expect(page.contains("href=\"#part-2\"") && page.contains("id=\"part-2\""))
        #expect(page.contains("No region above the threshold."))
    }

    @Test func noEntries() {
        #expect(HeatMapPage.html(title: "Failed parts", entries: []).contains("No parts to show."))
    }
}
