package import Diagnostics

/// How tote makes the blob of a layer. The same layer in the same encoding is the same bytes.
package enum LayerEncoding: Hashable, Sendable {
    /// The tar itself.
    case none
    /// libdeflate's levels, 1 to 12.
    case gzip(level: Int)
    /// zstd's levels, 1 to 22.
    case zstd(level: Int)

    package static let standard = LayerEncoding.gzip(level: 1)

    private static let gzipLevels = 1...12
    private static let zstdLevels = 1...22

    package var compression: LayerCompression {
        switch self {
        case .none: .none
        case .gzip: .gzip
        case .zstd: .zstd
        }
    }

    /// `gzip[:LEVEL]`, `zstd[:LEVEL]` or `none`. Without a level gzip has 1 and zstd 3.
    package init(parsing text: String) throws(Fault) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let level = parts.count > 1 ? parts[1] : nil
        switch parts[0] {
        case "none":
            guard level == nil else { throw Fault("'\(text)': what is not compressed has no level", hint: "write 'none'") }
            self = .none
        case "gzip": self = .gzip(level: try Self.level(level, in: Self.gzipLevels, of: "gzip") ?? 1)
        case "zstd": self = .zstd(level: try Self.level(level, in: Self.zstdLevels, of: "zstd") ?? 3)
        default: throw Fault("'\(text)' is not a compression of layers", hint: "use gzip[:LEVEL], zstd[:LEVEL] or none")
        }
    }

    private static func level(_ text: Substring?, in range: ClosedRange<Int>, of kind: String) throws(Fault) -> Int? {
        guard let text else { return nil }
        guard let level = Int(text), range.contains(level) else {
            throw Fault("\(kind) has no level '\(text)'", hint: "its levels are \(range.lowerBound) to \(range.upperBound)")
        }
        return level
    }
}

extension LayerEncoding: CustomStringConvertible {
    /// With the level, always: what `init(parsing:)` reads.
    package var description: String {
        switch self {
        case .none: "none"
        case .gzip(let level): "gzip:\(level)"
        case .zstd(let level): "zstd:\(level)"
        }
    }
}

extension LayerEncoding: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(parsing: try container.decode(String.self))
        } catch let fault as Fault {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: fault.message)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
