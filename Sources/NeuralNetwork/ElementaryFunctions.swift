import Foundation

extension Float {
    static func log(_ x: Float) -> Float { Foundation.log(x) }
    static func cos(_ x: Float) -> Float { Foundation.cos(x) }
}
