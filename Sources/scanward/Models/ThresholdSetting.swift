import Foundation
import Inspection

/// A model's threshold, set by hand: from the command line or the dashboard, by the same rules, recorded in its manifest.
struct ThresholdSetting {
    var value: Double
    /// Why; kept in the manifest.
    var reason: String?
    /// Who: the name of a token, or of the user at the command line.
    var by: String?
    /// Also at or below the highest score of a good part.
    var force = false

    struct Refusal: Error {
        enum Kind {
            /// The value cannot be a threshold.
            case invalid
            /// It would be taken with `force`.
            case needsForce
            /// The folder holds another model than the one that was meant.
            case outdated
        }

        let kind: Kind
        let sentence: String
    }

    struct Result {
        let partType: String
        let old: Double
        /// Of the model as it is now.
        let id: String
        /// What is to be said where `force` was needed.
        let warning: String?
    }

    /// Writes the manifest, its digest and the report anew; the other files stay as they are.
    ///
    /// - Parameter id: the model that is meant; nil takes the one that is there.
    /// - Throws: `Refusal` for a value that is not taken, else `Failure`.
    func apply(to folder: URL, expecting id: String? = nil) throws -> Result {
        guard value > 0, Float(value).isFinite, Float(value) > 0 else {
            throw Refusal(kind: .invalid, sentence: "expected a threshold above 0, found \(value)")
        }
        let read = try ModelFolder(reading: folder)
        if let id, read.id != id {
            throw Refusal(
                kind: .outdated,
                sentence: "the model in \(folder.lastPathComponent) is not the one in use: it was changed on the disk "
                    + "meanwhile; have the line read it (`scanward reload`), and look again")
        }
        var manifest = read.manifest
        let old = manifest.threshold.value, highest = manifest.highestGoodScore
        var warning: String?
        if value <= highest {
            let above = manifest.goodScoresByPart.count { ($0.max() ?? 0) >= value }
            let sentence = String(
                format:
                    "%.3f is not above the highest score of a good part, %.3f: %d of %d good parts would be at or above it",
                value, highest, above, manifest.goodScoresByPart.count)
            guard force else { throw Refusal(kind: .needsForce, sentence: sentence) }
            warning = sentence
        }
        manifest.threshold.replaceValue(value, method: "set by hand")
        var change = ThresholdChange(
            kind: .set, date: ThresholdChange.now(), old: old, new: value, reason: reason, parts: nil)
        change.by = by
        manifest.thresholdChanges = (manifest.thresholdChanges ?? []) + [change]
        let id = try ModelFolder.rewrite(manifest, in: folder)
        return Result(partType: manifest.partType, old: old, id: id, warning: warning)
    }
}
