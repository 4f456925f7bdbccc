/// The digest of a layer's uncompressed tar: what the layer holds, however it is compressed.
package struct DiffID: Hashable, Sendable {
    package var digest: Digest

    package init(_ digest: Digest) { self.digest = digest }

    package init?(_ text: String) {
        guard let digest = Digest(text) else { return nil }
        self.digest = digest
    }
}

extension DiffID: Comparable, CustomStringConvertible {
    package static func < (a: DiffID, b: DiffID) -> Bool { a.digest < b.digest }
    package var description: String { digest.description }
}

extension DiffID: Codable {
    package init(from decoder: any Decoder) throws { digest = try Digest(from: decoder) }
    package func encode(to encoder: any Encoder) throws { try digest.encode(to: encoder) }
}
