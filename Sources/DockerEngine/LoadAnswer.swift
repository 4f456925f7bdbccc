import Diagnostics
import FoundationEssentials
import NIOCore

/// Reads what a daemon says while it loads an image: JSON objects, one a line, of which one can be an error although the status was 200.
struct LoadAnswer {
    /// The daemon's own words for what went wrong.
    private(set) var failure: String?
    private var line: [UInt8] = []

    /// No line of a daemon is longer; what is gets no further notice.
    private static let limit = 1 << 20

    mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                endLine()
            } else if line.count < Self.limit {
                line.append(byte)
            }
        }
    }

    mutating func finish() { endLine() }

    private struct Line: Decodable {
        struct Detail: Decodable { var message: String? }
        var error: String?
        var errorDetail: Detail?
    }

    private mutating func endLine() {
        defer { line.removeAll(keepingCapacity: true) }
        guard failure == nil, !line.isEmpty, let parsed = try? JSONDecoder().decode(Line.self, from: Data(line)) else { return }
        failure = parsed.error ?? parsed.errorDetail?.message
    }
}
