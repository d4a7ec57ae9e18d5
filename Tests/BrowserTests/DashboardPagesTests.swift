import Foundation
import Inspection
import TestPrograms
import TestRequirements
import Testing

/// The dashboard in a real browser, before a running monitor: what a person at the line sees and does.
@Suite(
    .serialized,
    .enabled(
        if: try Requirement.isMet("needs Debian's chromium", Chromium.isInstalled), "needs Debian's chromium"),
    .enabled(
        if: try Requirement.isMet(
            "needs Debian's libjs-three",
            FileManager.default.fileExists(atPath: "/usr/share/javascript/three/build/three.module.js")),
        "needs Debian's libjs-three"), .timeLimit(.minutes(30)))
struct DashboardPagesTests {
    /// Names as somebody would send them who means harm.
    private static let script = "<script>window.hit=1</script>", image = "<img src=x onerror=window.hit=1>"

    /// One line for all of it: each page is looked at as a person goes through them.
    @Test func aPersonSeesWhatTheLineDoes() async throws {
        let line = try await WatchedLine.start()
        var pages: [BrowserPage] = []
        do {
            let live = try await BrowserPage(in: line.browser)
            pages.append(live)
            try await aVerdictAppearsLive(line, live)
            let part = try await BrowserPage(in: line.browser)
            pages.append(part)
            try await aPartIsSeenFromAllSides(line, part)
            let history = try await BrowserPage(in: line.browser)
            pages.append(history)
            try await filtersWork(line, history)
            let model = try await BrowserPage(in: line.browser)
            pages.append(model)
            try await anOperatorChangesTheThreshold(line, model)
            let tablet = try await BrowserPage(in: line.browser, width: 800, height: 1200, isDark: true)
            pages.append(tablet)
            try await aTabletShowsAllOfIt(line, tablet)
            for page in pages { #expect(page.errors == []) }
        } catch {
            let shown = pages.map { "\($0.errors)" }.joined(separator: "\n")
            Issue.record("\(error)\n\(shown)")
        }
        let output = await line.stop()
        #expect(output.status == 0, "\(output.standardError)")
    }

    private func aVerdictAppearsLive(_ line: WatchedLine, _ page: BrowserPage) async throws {
        try await page.open(line.address + "/")
        try await page.wait(for: "document.querySelector('#queues td')")
        try #expect(await page.text("#ready") == "no scanner has sent a frame since the start")
        try line.send("mug_06", as: Self.script)
        try await page.wait(
            for: "document.querySelector('#words .part')?.textContent === \(BrowserPage.quoted(Self.script))")
        #expect(try await page.evaluate("document.querySelector('#last').className").string == "card hero ok")
        try await page.wait(for: "document.querySelector('#view').dataset.part !== undefined")
        try line.send("mug_10", as: Self.image)
        try await page.wait(for: "document.querySelector('#last').classList.contains('not_ok')")
        try await page.wait(for: "document.querySelector('#view').dataset.part === \(BrowserPage.quoted(Self.image))")
        try await page.wait(for: "document.querySelector('#findings .badge')")
        #expect(try await page.picture("#view canvas").colors > 200)
        try await page.wait(for: "document.querySelector('#ready').textContent === 'ready'")
        // The texts are texts, in every place.
        #expect(try await page.text("#parts tr td a") == Self.image)
        #expect(try await page.evaluate("document.querySelectorAll('main script, main img').length").integer == 0)
        #expect(try await page.evaluate("window.hit === undefined").bool == true)
        try await page.screenshot("live")
    }

    private func aPartIsSeenFromAllSides(_ line: WatchedLine, _ page: BrowserPage) async throws {
        let failed = try #require(try await verdicts(line, page, "evaluation=not_ok").first)
        try await page.open(line.address + "/parts/" + failed.resultID)
        try await page.wait(
            for: "document.querySelector('#template').dataset.drawn && document.querySelector('#history svg')")
        #expect(try await page.text("h1") == Self.image)
        #expect(try await page.evaluate("window.hit === undefined").bool == true)
        let rows = try await page.evaluate("document.querySelectorAll('#regions tbody tr').length").integer
        #expect(rows.map(Int.init) == failed.regions.count)
        let deviation = try #require(failed.regions.first?.deviation)
        let shown = String(format: "%.2f", abs(deviation)), regions = try await page.text("#regions")
        #expect(regions.contains(shown) && regions.contains("Deviation, mm"))
        #expect(
            try await page.evaluate("document.querySelectorAll('#view .tag').length").integer.map(Int.init)
                == failed.regions.count)
        let score = try await page.picture("#view canvas"), template = try await page.picture("#template canvas")
        #expect(score.colors > 200 && template.colors > 50)
        // Another channel has other colours.
        try await page.evaluate("document.querySelector('input[value=\"channel:deviation\"]').click()")
        try await page.wait(for: "document.querySelector('#view').dataset.channel === 'channel:deviation'")
        try await nextFrame(page)
        #expect(try await page.picture("#view canvas").sum != score.sum)
        // The keyboard turns both.
        try await page.evaluate("document.querySelector('#view canvas').focus()")
        try await page.press("ArrowRight", number: 39)
        try await nextFrame(page)
        #expect(try await page.picture("#template canvas").sum != template.sum)
        #expect(try await page.evaluate("document.querySelectorAll('#history .dot.here').length").integer == 1)
        #expect(try await page.evaluate("document.querySelectorAll('#history path.threshold').length").integer == 1)
        // A region's number leads to it.
        let before = try await page.picture("#view canvas").sum
        try await page.evaluate("document.querySelector('#regions button').click()")
        try await nextFrame(page)
        #expect(try await page.picture("#view canvas").sum != before)
        try await page.screenshot("part")
    }

    private func filtersWork(_ line: WatchedLine, _ page: BrowserPage) async throws {
        try line.scanner.send(part: "stranger", type: "unheard-of")
        try await page.open(line.address + "/history")
        try await page.wait(for: "document.body.dataset.loaded !== undefined")
        func filter(_ fields: String) async throws -> [String] {
            try await page.evaluate(
                "delete document.body.dataset.loaded; \(fields); document.querySelector('#filters').requestSubmit()")
            try await page.wait(for: "document.body.dataset.loaded !== undefined")
            let texts = try await page.evaluate(
                "[...document.querySelectorAll('#rows tr td:nth-child(3)')].map((cell) => cell.textContent)")
            return (texts.array ?? []).compactMap(\.string)
        }
        let form = "document.querySelector('#filters').elements"
        #expect(try await filter("\(form).evaluation.value = 'not_ok'") == [Self.image])
        #expect(try await page.evaluate("location.search").string == "?evaluation=not_ok")
        #expect(try await filter("\(form).evaluation.value = ''; \(form).part_id.value = 'SCRIPT'") == [Self.script])
        #expect(try await filter("\(form).part_id.value = 'nowhere'") == [])
        #expect(try await page.text("#count") == "No verdict is as asked for")
        #expect(try await filter("\(form).part_id.value = ''; \(form).until.value = '2020-01-01T00:00:00'") == [])
        let all = try await filter("\(form).until.value = ''; \(form).part_type.value = 'mug'")
        #expect(all == [Self.image, Self.script])
        let table = try await page.evaluate(
            "fetch(document.querySelector('#csv').href).then((answer) => answer.text())")
        #expect(table.string?.split(separator: "\r\n").count == 3)
        let lines = try await page.evaluate(
            "fetch(document.querySelector('#json').href).then((answer) => answer.text())")
        #expect(try Verdict.decode(lines: lines.string ?? "").map(\.partID) == [Self.script, Self.image])
        #expect(try await page.evaluate("document.querySelectorAll('main script, main img').length").integer == 0)
        try await page.screenshot("history")
    }

    private func anOperatorChangesTheThreshold(_ line: WatchedLine, _ page: BrowserPage) async throws {
        try await page.open(line.address + "/models")
        try await page.wait(for: "document.querySelector('#rows a')")
        try await page.evaluate("document.querySelector('#rows a').click()")
        try await page.wait(
            for: "document.querySelector('#view').dataset.drawn && document.querySelector('#histogram .threshold')")
        let before = try #require(try await page.evaluate("location.pathname").string)
        try await theTemplateStaysInItsCard(page)
        #expect(try await page.text("#change").contains("An operator may change it here"))
        try await page.evaluate("document.querySelector('#change a').click()")
        try await page.wait(for: "location.pathname === '/login' && document.querySelector('input[name=token]')")
        try await page.evaluate(
            "document.querySelector('input').value = 'swd_wrong'; document.querySelector('form').requestSubmit()")
        try await page.wait(for: "location.search === '?wrong=1' && !document.querySelector('#wrong').hidden")
        let token = try line.token
        try await page.evaluate(
            "document.querySelector('input').value = \(BrowserPage.quoted(token)); document.querySelector('form').requestSubmit()"
        )
        try await page.wait(for: "location.pathname === '/' && document.querySelector('#models a')")
        #expect(try await page.evaluate("document.cookie").string == "")
        try await page.evaluate("document.querySelector('#models a').click()")
        try await page.wait(for: "document.querySelector('#threshold-form')")
        try await page.screenshot("model")
        try await page.evaluate(
            """
            const field = document.querySelector('input[name=value]');
            field.value = '9.5'; field.dispatchEvent(new Event('input'));
            document.querySelector('input[name=reason]').value = '<b>tried</b>';
            """)
        #expect(try await page.evaluate("document.querySelectorAll('#histogram .proposed').length").integer == 1)
        try await page.evaluate("document.querySelector('#threshold-form').requestSubmit()")
        try await page.wait(for: "document.querySelector('#tiles .value')?.textContent === '9.50'")
        let change = try await page.text("#change tbody tr")
        #expect(change.contains("otto") && change.contains("<b>tried</b>"))
        // Where the verdicts of before lead: to a model that is another now.
        let after = try #require(try await page.evaluate("location.pathname").string)
        try await page.open(line.address + before)
        try await page.wait(for: "document.querySelector('main .button')?.textContent === 'mug, as it is now'")
        #expect(try await page.text("h1") == "This model is not in use any more")
        #expect(try await page.evaluate("document.querySelector('main .button').getAttribute('href')").string == after)
        // The line judges by it: the part that was not ok is.
        try line.send("mug_10", as: "again")
        try await page.open(line.address + "/")
        try await page.wait(for: "document.querySelector('#words .part')?.textContent === 'again'")
        #expect(try await page.evaluate("document.querySelector('#last').className").string == "card hero ok")
        let explained = try await Program.run(["threshold", "explain", line.folder.file("mug")])
        #expect(explained.standardOutput.contains("to 9.500: <b>tried</b>"))
    }

    private func aTabletShowsAllOfIt(_ line: WatchedLine, _ page: BrowserPage) async throws {
        let newest = try #require(try await verdicts(line, page, "evaluation=not_ok").first)
        for path in ["/", "/history", "/models", "/login", "/parts/" + newest.resultID] {
            try await page.open(line.address + path)
            try await page.wait(
                for: "document.readyState === 'complete' && document.querySelector('h1, .sign, button')")
            let isWide = try await page.evaluate("document.documentElement.scrollWidth > innerWidth")
            #expect(isWide.bool == false, "\(path) is wider than a tablet")
        }
        try await page.wait(for: "document.querySelector('#template').dataset.drawn")
        try await nothingIsCutOff(page, "a part, on a tablet")
        // A computer's window; and the picture goes along.
        try await page.resize(width: 1280, height: 900)
        try await nextFrame(page)
        try await nothingIsCutOff(page, "a part")
        try await page.resize(width: 800, height: 1200)
        // Everything is reached with the keyboard alone, and is named.
        var reached: Set<String> = []
        for _ in 0..<30 {
            try await page.press("Tab", number: 9)
            let name = try await page.evaluate(
                "document.activeElement.tagName + ':' + (document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).slice(0, 30)"
            )
            if let name = name.string { reached.insert(name) }
        }
        for wanted in ["A:Live", "A:History", "CANVAS:Part", "CANVAS:Template", "INPUT:", "BUTTON:Look at region 1"] {
            #expect(reached.contains { $0.hasPrefix(wanted) }, "\(wanted) is not among \(reached.sorted())")
        }
        try await page.screenshot("tablet-dark")
        try await page.open(line.address + "/")
        try await page.wait(for: "document.querySelector('#sources .pill') && document.querySelector('#parts td')")
        try await nothingIsCutOff(page, "the live line, on a tablet")
        try await page.resize(width: 1280, height: 900)
        try await nextFrame(page)
        try await nothingIsCutOff(page, "the live line")
    }

    /// No table has a part of it out of sight.
    private func nothingIsCutOff(_ page: BrowserPage, _ what: Comment) async throws {
        let cut = try await page.evaluate(
            """
            [...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth)
              .map((box) => `${box.textContent.slice(0, 40)}: ${box.scrollWidth} in ${box.clientWidth}`)
            """)
        #expect((cut.array ?? []).compactMap(\.string) == [], what)
    }

    /// A picture in a card is as high as it is, whatever its width: a canvas that decided would grow with every frame.
    private func theTemplateStaysInItsCard(_ page: BrowserPage) async throws {
        for width in [801, 977, 1283] {
            try await page.resize(width: width, height: 900)
            for _ in 0..<5 { try await nextFrame(page) }
            let size = try await page.evaluate(
                "[document.querySelector('#view').clientHeight, document.querySelector('#view canvas').height]")
            #expect((size.array ?? []).compactMap(\.integer) == [384, 384], "at \(width)")
        }
        try await page.resize(width: 1440, height: 900)
    }

    /// What the page was told to draw is drawn.
    func nextFrame(_ page: BrowserPage) async throws {
        try await page.evaluate(
            "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))))")
    }

    func verdicts(_ line: WatchedLine, _ page: BrowserPage, _ query: String) async throws -> [Verdict] {
        try await page.open(line.address + "/login")
        try await page.wait(for: "document.querySelector('form')")
        let text = try await page.evaluate("fetch('/api/verdicts?\(query)').then((answer) => answer.text())")
        return try Verdict.decode(lines: text.string ?? "")
    }
}
