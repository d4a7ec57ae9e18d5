import ArgumentParser

/// For what takes minutes to hours.
struct ProgressOptions: ParsableArguments {
    @Flag(help: "Where standard error is no terminal, which has a bar: write a line every tenth of the way, for a log.")
    var logProgress = false
}
