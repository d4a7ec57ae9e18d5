import Crypto
import Foundation

/// SHA-256 (FIPS 180-4) in lower-case hexadecimal, as `sha256sum` prints it.
func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
}
