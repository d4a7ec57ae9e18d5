import Foundation
import Journal
import TestPrograms
import Testing

extension JournalFaults {
    /// `scanward journal`, on the built program.
    @Suite struct JournalCommandTests {
        /// A journal of ten verdicts, with names that CSV must quote.
        private func fill(_ folder: StateFolder) throws -> Journal {
            let journal = try Journal.open(Journal.Configuration(folder: folder))
            for seq in 1...10 as ClosedRange<UInt64> {
                let part = [3: #"a "quoted", part"#, 4: "=1+1", 5: "two\nlines"][seq] ?? "part-\(seq)"
                journal.append(
                    .verdict(
                        JournalVerdict(
                            seq: seq, resultID: "result-\(seq)", line: "line1", station: "st1",
                            part: PartKey(source: seq > 8 ? "s2" : "s1", session: "a", partID: part, attempt: 1),
                            partType: seq % 2 == 0 ? "mug" : nil, evaluation: seq == 7 ? "not_ok" : "ok",
                            decidedNanoseconds: seq * 1_000_000_000, json: Array(#"{"seq":\#(seq)}"#.utf8))))
            }
            try journal.store(.registered(consumer: "mes1", seq: 4))
            return journal
        }

        /// A journal that nobody has open.
        private func closed() throws -> ScratchFolder {
            let folder = try ScratchFolder("command")
            let journal = try fill(StateFolder(folder.path))
            journal.close()
            return folder
        }

        @Test func checkTellsWhatIsThereAlsoBesideAMonitor() async throws {
            let folder = try ScratchFolder("command")
            let journal = try fill(StateFolder(folder.path))
            let output = try await Program.run(["journal", "check", folder.path])
            #expect(output.status == 0)
            let lines = output.standardOutput.split(separator: "\n")
            #expect(lines.first == "epoch \(journal.opening.epoch)")
            #expect(lines.contains { $0.hasPrefix("verdicts 1 to 10, 10 compared with their checksums") })
            #expect(lines.contains("consumer mes1 has acknowledged 4, 6 behind") && lines.last == "sound")
            let json = try await Program.run(["journal", "check", "--json", folder.path])
            let told = try JSONSerialization.jsonObject(with: Data(json.standardOutput.utf8)) as? [String: Any]
            #expect(told?["is_sound"] as? Bool == true && told?["last"] as? Int == 10 && told?["head"] as? Int == 10)
            let consumer = (told?["consumers"] as? [[String: Any]])?.first
            #expect(consumer?["name"] as? String == "mes1" && consumer?["behind"] as? Int == 6)
            journal.close()
        }

        /// As for every other command, the monitor's configuration says where its journal is.
        @Test func theConfigurationNamesTheFolder() async throws {
            let folder = try closed(), file = URL(filePath: folder.file("line.yaml"))
            try Data("state:\n  folder: \(folder.path)\n".utf8).write(to: file)
            for arguments in [["check"], ["export"], ["compact", "--keep-days", "30000"]] {
                let told = try await Program.run(["journal"] + arguments + ["--config", file.path])
                let named = try await Program.run(["journal"] + arguments + [folder.path])
                #expect(told.status == 0 && named.status == 0, "\(told.standardError)")
                if arguments != ["compact", "--keep-days", "30000"] {
                    #expect(told.standardOutput == named.standardOutput && !told.standardOutput.isEmpty)
                }
            }
            let said = try await Program(["journal", "check"], environment: ["SCANWARD_CONFIG": file.path]).finish()
            #expect(said.status == 0 && said.standardOutput.contains("verdicts 1 to 10"), "\(said.standardError)")
            try Data("line: left\nmodels: models\n".utf8).write(to: file)
            let nowhere = try await Program.run(["journal", "check", "--config", file.path])
            #expect(nowhere.status == 1 && nowhere.standardError.contains("as an argument or by --config FILE"))
        }

        @Test func exportWritesLinesAndCSV() async throws {
            let folder = try closed()
            let lines = try await Program.run(["journal", "export", folder.path, "--from", "3", "--to", "5"])
            #expect(lines.status == 0)
            #expect(lines.standardOutput == (3...5).map { #"{"seq":\#($0)}"# + "\n" }.joined())
            let csv = try await Program.run(["journal", "export", folder.path, "--format", "csv", "--to", "5"])
            let text = csv.standardOutput
            #expect(text.hasPrefix("seq,decided,line,station,source,session,part_id,attempt,part_type,evaluation,"))
            #expect(text.contains("\n1,1970-01-01T00:00:01Z,line1,st1,s1,a,part-1,1,,ok,"))
            #expect(text.contains(#","a ""quoted"", part",1,"#) && text.contains(",'=1+1,1,mug,"))
            #expect(text.contains(",\"two\nlines\",1,"))
            for (option, value, count) in [
                ("--evaluation", "not_ok", 1), ("--part-type", "mug", 5), ("--source", "s2", 2),
            ] {
                let some = try await Program.run(["journal", "export", folder.path, option, value])
                #expect(some.standardOutput.split(separator: "\n").count == count, "\(option)")
            }
            let full = try await Program(
                ["-c", #"exec "$0" "$@" > /dev/full"#, Program.binary.path, "journal", "export", folder.path],
                binary: URL(filePath: "/bin/sh")
            ).finish()
            #expect(full.status == 1 && full.standardError.contains("No space left on device"))
        }

        @Test func compactForgetsConsumersAndIsRefusedBesideAMonitor() async throws {
            let folder = try ScratchFolder("command")
            let arguments = ["journal", "compact", folder.path, "--keep-days", "1"]
            do {
                let journal = try fill(StateFolder(folder.path))
                let refused = try await Program.run(arguments)
                #expect(refused.status == 1 && refused.standardError.contains("is in use by process \(getpid())"))
                journal.close()
            }
            let kept = try await Program.run(arguments)
            #expect(kept.status == 0 && kept.standardOutput.hasPrefix("4 verdicts removed, 6 kept; "), "\(kept)")
            let unknown = try await Program.run(arguments + ["--forget", "mes2"])
            #expect(unknown.status == 1 && unknown.standardError.contains("there is no consumer mes2; there are: mes1"))
            let all = try await Program.run(arguments + ["--forget", "mes1"])
            #expect(all.standardOutput.hasPrefix("5 verdicts removed, 1 kept; "), "the last one stays: \(all)")
        }

        @Test func damageHasAnExitCodeOfItsOwn() async throws {
            let folder = try closed()
            let database = URL(filePath: StateFolder(folder.path).database)
            var bytes = try Data(contentsOf: database)
            let place = try #require(bytes.range(of: Data(#"{"seq":6}"#.utf8)))
            bytes[place.lowerBound] = UInt8(ascii: "[")
            try bytes.write(to: database)
            let check = try await Program.run(["journal", "check", folder.path])
            #expect(check.status == 5 && check.standardOutput.contains("problem: "))
            let json = try await Program.run(["journal", "check", "--json", folder.path])
            #expect(json.status == 5 && json.standardOutput.contains(#""is_sound":false"#))
            #expect(check.standardError.contains("the journal is damaged"))
            let export = try await Program.run(["journal", "export", folder.path])
            #expect(export.status == 5)
            #expect(export.standardOutput.split(separator: "\n").count == 9)
            #expect(export.standardError.contains("verdicts that could not be read: 6 to 6"))
            // Noise of which nothing comes.
            try Data(repeating: 0xA5, count: 100_000).write(to: database)
            let noise = try await Program.run(["journal", "export", folder.path])
            #expect(noise.status != 0 && noise.standardOutput.isEmpty)
        }

        @Test(arguments: ["check", "export", "compact"]) func aFolderWithoutAJournalIsSaidSo(verb: String) async throws
        {
            let folder = try ScratchFolder("command")
            let output = try await Program.run(["journal", verb, folder.path])
            #expect(output.status == 1)
            #expect(output.standardError.contains("expected a journal at \(folder.path)/journal.sqlite, found none"))
        }
    }
}
