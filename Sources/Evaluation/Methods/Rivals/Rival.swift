/// The methods that the IMRNet paper compares itself with (Li et al., CVPR 2024, Tables 2 and 3), and Reg3D-AD.
///
/// Built from the parts that Scanward has anyway, after the methods' papers and published programs, whose facts each
/// method's file states. Where those give lengths in the units of their own data set, ours go by the part's size.
public enum Rival: String, Sendable, CaseIterable {
    case btfRaw = "btf-raw"
    case btfHistograms = "btf-fpfh"
    case patchCoreHistograms = "patchcore-fpfh"
    case patchCorePatches = "patchcore-pointmae"
    case m3dmPoint = "m3dm-point"
    case reg3DAD = "reg3d-ad"

    /// - Parameter backbone: called by the methods that need a network.
    public func method(backbone: () throws -> PretrainedBackbone) rethrows -> any DetectionMethod {
        switch self {
        case .btfRaw: BTFRaw()
        case .btfHistograms: BTFHistograms()
        case .patchCoreHistograms: PatchCoreHistograms()
        case .patchCorePatches: PatchCorePatches(backbone: try backbone())
        case .m3dmPoint: M3DMPoint(backbone: try backbone())
        case .reg3DAD: Reg3DAD(backbone: try backbone())
        }
    }

    /// Why a method of the paper's tables cannot be run here; `nil` for any other name.
    public static func refusal(of name: String) -> String? {
        switch name {
        case "cpmf":
            """
            cpmf (Cao et al. 2024) renders a part from many sides and describes the pictures by a network trained on \
            photographs (ResNet, ImageNet), which Scanward does not have: its FPFH half is patchcore-fpfh
            """
        case "regad":
            """
            regad (Huang et al. 2022) registers features of photographs by a network trained on images (ResNet, \
            ImageNet), which Scanward does not have: for registered scans take reg3d-ad
            """
        default: nil
        }
    }
}

/// What a rival says where it cannot be taught or cannot judge a part.
struct RivalRefusal: Error, CustomStringConvertible {
    var description: String

    static func tooFewPoints(_ found: Int, expected: Int, after what: String) -> RivalRefusal {
        RivalRefusal(description: "expected \(expected) points or more \(what), found \(found)")
    }
}
