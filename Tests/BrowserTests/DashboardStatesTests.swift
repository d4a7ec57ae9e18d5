import Foundation
import Inspection
import TestPrograms
import Testing

/// Pages in states that are not the rule: something is not there, goes away, or comes at the wrong time.
extension DashboardPagesTests {
    @Test func pagesSayWhatIsNotThere() async throws {
        let line = try await WatchedLine.start()
        var pages: [BrowserPage] = []
        do {
            let live = try await BrowserPage(in: line.browser)
            pages.append(live)
            try await onePictureForAllParts(line, live)
            try await theDriverStartsAnew(live)
            let history = try await BrowserPage(in: line.browser)
            pages.append(history)
            try await anOlderAnswerComesLate(line, history)
            try await scoresAreReachedWithTheKeyboard(history)
            let stranger = try await BrowserPage(in: line.browser)
            pages.append(stranger)
            try await aPartThatWasNotScored(line, stranger)
            for page in pages { #expect(page.errors == []) }
            try await without3D(line)
            try await pointsThatWereRemovedMeanwhile(line)
        } catch {
            Issue.record("\(error)\n\(pages.map { "\($0.errors)" }.joined(separator: "\n"))")
        }
        let output = await line.stop()
        #expect(output.status == 0, "\(output.standardError)")
    }

    /// A page that is open for weeks: one canvas, and nothing that gathers in it.
    private func onePictureForAllParts(_ line: WatchedLine, _ page: BrowserPage) async throws {
        try await page.open(line.address + "/")
        try await page.wait(for: "document.querySelector('#queues td')")
        var geometries: Set<Int64> = []
        for number in 0..<4 {
            try line.send("mug_10", as: "scored\(number)")
            try await page.wait(for: "document.querySelector('#view').dataset.part === 'scored\(number)'")
            try await nextFrame(page)
            let count = try await page.evaluate(
                "window.first ??= document.querySelector('#view canvas'); Number(document.querySelector('#view').dataset.geometries)"
            )
            geometries.insert(count.integer ?? -1)
            try line.scanner.send(part: "stranger\(number)")
            try await page.wait(for: "document.querySelector('#view .message')")
            #expect(try await page.text("#view .message").contains("was not scored"))
            #expect(try await page.evaluate("document.querySelectorAll('#view .tag').length").integer == 0)
        }
        #expect(geometries.count == 1 && geometries.first ?? 0 > 0)
        try line.send("mug_10", as: "last")
        try await page.wait(for: "document.querySelector('#view').dataset.part === 'last'")
        #expect(
            try await page.evaluate(
                "document.querySelectorAll('canvas').length === 1 && document.querySelector('#view canvas') === window.first"
            ).bool == true)
        // Told to those who listen, once it is the newest.
        try await page.wait(for: "document.querySelector('#said').textContent === 'NOT OK, part last'")
        #expect(
            try await page.evaluate("document.querySelectorAll('#strip a:not([tabindex=\"-1\"])').length").integer == 0)
    }

    private func theDriverStartsAnew(_ page: BrowserPage) async throws {
        try await page.evaluate(
            """
            window.context = window.first.getContext("webgl2") ?? window.first.getContext("webgl");
            window.loss = window.context.getExtension("WEBGL_lose_context"); window.loss.loseContext();
            """)
        try await page.wait(for: "document.querySelector('#view .message')?.textContent.includes('interrupted')")
        try await page.evaluate("window.loss.restoreContext()")
        try await page.wait(for: "!document.querySelector('#view .message')")
        try await nextFrame(page)
        #expect(try await page.picture("#view canvas").colors > 200)
    }

    private func anOlderAnswerComesLate(_ line: WatchedLine, _ page: BrowserPage) async throws {
        try await page.open(line.address + "/history")
        try await page.wait(for: "document.body.dataset.loaded !== undefined")
        try await page.evaluate(
            """
            const fetched = window.fetch, form = document.querySelector('#filters');
            window.fetch = async (path, options) => {
              const answer = await fetched(path, options);
              if (String(path).includes('part_id=stranger')) await new Promise((resolve) => { window.release = resolve; });
              return answer;
            };
            form.elements.part_id.value = 'stranger'; form.requestSubmit();
            """)
        try await page.wait(for: "window.release")
        try await page.evaluate(
            "delete document.body.dataset.loaded; form.elements.part_id.value = 'last'; form.requestSubmit()")
        try await page.wait(for: "document.body.dataset.loaded === '1'")
        try await page.evaluate("window.release(); new Promise((resolve) => setTimeout(resolve))")
        #expect(try await page.text("#rows").contains("last"))
        #expect(try await page.evaluate("document.querySelectorAll('#rows tr').length").integer == 1)
        // A failure's notice goes with the next success.
        try await page.evaluate("window.fetch = () => Promise.reject(new Error('no way there')); form.requestSubmit()")
        try await page.wait(for: "document.querySelector('.notice.bad')?.textContent === 'no way there'")
        try await page.evaluate("window.fetch = fetched; document.querySelector('#reset').click()")
        try await page.wait(
            for: "!document.querySelector('.notice.bad') && document.querySelectorAll('#rows tr').length === 9")
    }

    private func scoresAreReachedWithTheKeyboard(_ page: BrowserPage) async throws {
        #expect(try await page.evaluate("document.querySelectorAll('#chart a').length").integer == 5)
        #expect(try await page.evaluate("document.querySelectorAll('#chart a[tabindex=\"0\"]').length").integer == 1)
        try await page.evaluate("document.querySelector('#chart a[tabindex=\"0\"]').focus()")
        try await page.press("End", number: 35)
        #expect(
            try await page.evaluate("document.activeElement.getAttribute('aria-label')").string?.hasPrefix(
                "last: NOT OK, score ") == true)
        try await page.press("ArrowLeft", number: 37)
        let name = try await page.evaluate("document.activeElement.getAttribute('aria-label')").string
        #expect(name?.hasPrefix("scored3: ") == true)
        #expect(try await page.evaluate("document.querySelectorAll('#chart a[tabindex=\"0\"]').length").integer == 1)
        try await page.press("Enter", number: 13)
        try await page.wait(
            for: "location.pathname.startsWith('/parts/') && document.querySelector('h1')?.textContent === 'scored3'")
        try await page.wait(for: "document.querySelector('#template').dataset.drawn")
        // A finger scrolls past the picture until that has the focus.
        let touch = "getComputedStyle(document.querySelector('#view canvas')).touchAction"
        #expect(try await page.evaluate(touch).string == "pan-y")
        try await page.evaluate("document.querySelector('#view canvas').focus()")
        #expect(try await page.evaluate(touch).string == "none")
    }

    private func aPartThatWasNotScored(_ line: WatchedLine, _ page: BrowserPage) async throws {
        let undefined = try #require(try await verdicts(line, page, "evaluation=undefined").first)
        try await page.open(line.address + "/parts/" + undefined.resultID)
        try await page.wait(for: "document.querySelector('#view .message') && document.querySelector('#history *')")
        #expect(try await page.text("#view .message").contains("was not scored"))
        #expect(try await page.text("#band").contains("UNDEFINED"))
        #expect(try await page.text("#regions").contains("None"))
        #expect(try await page.evaluate("document.querySelector('#template').hidden").bool == true)
    }

    private func without3D(_ line: WatchedLine) async throws {
        for (setting, sentence) in [("three", "apt install libjs-three"), ("webgl", "no WebGL")] {
            let page = try await BrowserPage(in: line.browser)
            if setting == "three" {
                try await page.command("Network.setBlockedURLs", ["urls": .array([.string("*/three/*")])])
            } else {
                let script = """
                    const real = HTMLCanvasElement.prototype.getContext;
                    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
                      return kind.includes("webgl") ? null : real.call(this, kind, ...rest);
                    };
                    """
                try await page.command("Page.addScriptToEvaluateOnNewDocument", ["source": .string(script)])
            }
            try await page.open(line.address + "/")
            try await page.wait(for: "document.querySelector('#view .message')?.textContent.includes('\(sentence)')")
            #expect(
                try await page.evaluate("document.querySelector('#view').classList.contains('stale')").bool == false)
            // What else there is, is there.
            #expect(try await page.text("#words").contains("NOT OK"))
            try await page.evaluate("document.querySelector('#words a.open').click()")
            try await page.wait(
                for:
                    "document.querySelector('#regions tbody tr') && document.querySelector('#view .message')?.textContent.includes('\(sentence)')"
            )
            #expect(try await page.evaluate("document.querySelectorAll('.notice').length").integer == 0)
        }
    }

    private func pointsThatWereRemovedMeanwhile(_ line: WatchedLine) async throws {
        let page = try await BrowserPage(in: line.browser)
        // Whoever has looked already keeps what it was sent.
        try await page.command("Network.setCacheDisabled", ["cacheDisabled": .bool(true)])
        let failed = try #require(try await verdicts(line, page, "evaluation=not_ok").first)
        let parts = line.folder.url.appending(path: "state/parts"), files = FileManager.default
        let name = try #require(
            try files.contentsOfDirectory(atPath: parts.path).first { $0.contains("-\(failed.resultID)-") })
        try files.removeItem(at: parts.appending(path: name))
        try await page.open(line.address + "/parts/" + failed.resultID)
        try await page.wait(for: "document.querySelector('#view .message')?.textContent.includes('not kept any more')")
        #expect(try await page.evaluate("document.querySelectorAll('#regions tbody tr').length").integer ?? 0 > 0)
        #expect(try await page.evaluate("document.querySelectorAll('.notice').length").integer == 0)
    }

    /// Before the first model and the first part, and by a proxy, so that a token is needed for all.
    @Test func anEmptyLineAndATokenThatIsTakenAway() async throws {
        let line = try await WatchedLine.start(isEmpty: true, arguments: ["--http-name", "line.example"])
        let page = try await BrowserPage(in: line.browser)
        do {
            try await page.open(line.address + "/history")
            try await page.wait(for: "location.pathname === '/login' && document.querySelector('input[name=token]')")
            let token = BrowserPage.quoted(try line.token)
            try await page.evaluate(
                "document.querySelector('input').value = \(token); document.querySelector('form').requestSubmit()")
            try await page.wait(for: "location.pathname === '/' && document.querySelector('#models td')")
            #expect(try await page.text("#models").contains("None"))
            #expect(try await page.text("#sources").contains("No scanner has sent a frame yet"))
            #expect(try await page.text("#words").contains("No part was judged yet"))
            try await page.wait(for: "document.querySelector('#ready').textContent === 'no model is loaded'")
            try await page.open(line.address + "/models")
            try await page.wait(for: "document.querySelector('#rows')?.textContent.includes('scanward teach')")
            try await page.open(line.address + "/history")
            try await page.wait(for: "document.body.dataset.loaded === '0'")
            #expect(try await page.text("#chart").contains("no scored parts yet"))
            #expect(page.errors == [])
            let revoked = try await Program.run(["tokens", "revoke", "otto", "--file", line.folder.file("tokens")])
            #expect(revoked.status == 0)
            try await page.evaluate("document.querySelector('#filters').requestSubmit()")
            try await page.wait(for: "location.pathname === '/login' && document.querySelector('input[name=token]')")
        } catch {
            Issue.record("\(error)\n\(page.errors)")
        }
        let output = await line.stop()
        #expect(output.status == 0, "\(output.standardError)")
    }
}
