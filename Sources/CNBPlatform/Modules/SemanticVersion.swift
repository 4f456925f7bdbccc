/// A version as semver.org orders them; what is none comes before all that are.
struct SemanticVersion: Comparable {
    private let numbers: [UInt64]
    private let prerelease: [Substring]?
    private let text: String

    init(_ text: String) {
        self.text = text
        let withoutBuild = text.prefix { $0 != "+" }
        let core = withoutBuild.prefix { $0 != "-" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false).map { UInt64($0) }
        numbers = parts.count == 3 && !parts.contains(nil) ? parts.compactMap(\.self) : []
        prerelease = core.endIndex == withoutBuild.endIndex ? nil : withoutBuild.dropFirst(core.count + 1).split(separator: ".")
    }

    static func isOne(_ text: String) -> Bool { !SemanticVersion(text).numbers.isEmpty }

    static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
        if a.numbers != b.numbers { return a.numbers.lexicographicallyPrecedes(b.numbers) }
        if a.numbers.isEmpty { return a.text < b.text }
        guard let first = a.prerelease, let second = b.prerelease else { return a.prerelease != nil && b.prerelease == nil }
        for (x, y) in zip(first, second) where x != y {
            switch (UInt64(x), UInt64(y)) {
            case (let x?, let y?): return x < y
            case (_?, nil): return true
            case (nil, _?): return false
            case (nil, nil): return x < y
            }
        }
        return first.count < second.count
    }

    static func == (a: SemanticVersion, b: SemanticVersion) -> Bool { !(a < b) && !(b < a) }
}
