/// The columns of the tables. Raw values are their names in JSON.
public enum Metric: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case partAUROC = "i_auroc"
    case pointAUROC = "p_auroc"
    case partAP = "i_ap"
    case pointAP = "p_ap"
    case regionOverlap = "aupro"

    /// As tables head them.
    public var title: String {
        switch self {
        case .partAUROC: "I-AUROC"
        case .pointAUROC: "P-AUROC"
        case .partAP: "I-AP"
        case .pointAP: "P-AP"
        case .regionOverlap: "AUPRO"
        }
    }
}
