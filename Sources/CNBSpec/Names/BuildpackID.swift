package import Diagnostics

/// The id of a buildpack or extension, such as `acme/node` (B-1).
///
/// The spec allows letters, digits, `.`, `/` and `-`; `_` is accepted too because buildpacks in use have it. Ids that would
/// collide with the lifecycle's own folders below the layers directory are refused, whatever their case.
package struct BuildpackID: Hashable, Sendable {
    /// As written. Labels and documents hold this form.
    package let raw: String

    private static let reserved: Set<String> = ["app", "config", "generated", "sbom"]

    package init(_ raw: String) throws(Fault) {
        guard !raw.isEmpty else { throw Fault("a buildpack id must not be empty") }
        if let character = raw.first(where: { !Self.allows($0) }) {
            throw Fault("'\(raw)' is not a buildpack id: '\(character)' is not allowed", hint: "use letters, digits, '.', '/', '-' and '_'")
        }
        guard raw != ".", raw != ".." else { throw Fault("'\(raw)' is not a buildpack id") }
        guard !Self.reserved.contains(raw.lowercased()) else { throw Fault("'\(raw)' is a reserved name and cannot be a buildpack id") }
        self.raw = raw
    }

    /// The name of its folder: every `/` is a `_`.
    package var escaped: String { String(raw.map { $0 == "/" ? "_" : $0 }) }

    private static func allows(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return false }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return true
        case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"): return true
        default: return false
        }
    }
}

extension BuildpackID: Comparable, CustomStringConvertible {
    package static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
    package var description: String { raw }
}
