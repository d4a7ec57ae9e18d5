import Foundation
import HeatMaps
import Inspection

extension PartCloud {
    /// What is to be seen of a judged part; nil for one that was not scored.
    init?(_ judgement: PartJudge.Judgement) {
        guard let map = judgement.map else { return nil }
        let verdict = judgement.verdict
        self.init(
            map, offset: judgement.coordinateOrigin, threshold: Float(verdict.threshold ?? 0),
            channelThresholds: judgement.entry?.scorer.model.channelThresholds ?? [:])
        header.model = verdict.model?.id
        header.templatePose = judgement.registration.map { registration in
            let pose = registration.transform.inverse, rows = pose.rotation.rows
            return [rows.0, rows.1, rows.2, pose.translation].flatMap { [$0.x, $0.y, $0.z] }
        }
    }
}

extension PartModel {
    /// For each channel the score by which it alone would reach the part's threshold: the power mean of one channel among
    /// k is k^(-1/p) of it.
    var channelThresholds: [Channel: Float] {
        let fusion = calibration.fusion, channels = settings.channels
        let alone = Float(pow(Double(max(1, channels.count)), 1 / fusion.order))
        return Dictionary(
            uniqueKeysWithValues: channels.map { channel in
                let unit = fusion.usesChannelLimits ? calibration.channelLimits[channel] ?? 1 : 1
                return (channel, Float(calibration.threshold.value) * alone * unit)
            })
    }
}
