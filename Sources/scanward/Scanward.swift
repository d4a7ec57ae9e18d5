import ArgumentParser
import PointClouds

@main
struct Scanward: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scanward",
        abstract: "Watches a 3D scanner and says of each part whether it is good, and if not, where it is wrong.",
        version: Version.string,
        subcommands: [
            RunCommand.self, ReplayCommand.self, ScoreCommand.self, TeachCommand.self, ThresholdCommand.self,
            EvaluateCommand.self, VerdictsCommand.self, JournalCommand.self, RecordCommand.self, KeysCommand.self,
            TokensCommand.self,
            TapCommand.self, FakeScannerCommand.self, ModelsCommand.self, WhyCommand.self, DoctorCommand.self,
            SupportBundleCommand.self,
            PretrainCommand.self, PretrainDataCommand.self, PretrainLossCommand.self, ImportCheckpointCommand.self,
            SynthesizeCommand.self, ConfigCommand.self, ReloadCommand.self, FleetCommand.self,
        ])

    static func main() async {
        WorkingMemory.keepForReuse()
        await main(nil)
    }
}

enum Version {
    static let string = "0.1.0"
}
