/// Which entries of the app's folder take part in the build.
package struct AppFilter: Sendable {
    private enum Rule: Sendable {
        case everything
        case excluding(IgnorePatterns)
        case including(IgnorePatterns)
    }

    private let rule: Rule
    /// Two filters with the same ones keep the same.
    let patterns: [String]

    package static let everything = AppFilter(include: [], exclude: [])

    package init(include: [String], exclude: [String]) {
        patterns = exclude.isEmpty ? ["include"] + include : ["exclude"] + exclude
        rule =
            if !exclude.isEmpty {
                .excluding(IgnorePatterns(exclude))
            } else if !include.isEmpty {
                .including(IgnorePatterns(include))
            } else {
                .everything
            }
    }

    /// Whether the entry at this path (relative, bytes, no slash at either end) is kept. Says nothing about what lies beneath a
    /// directory: that is asked for entry by entry, and the directories above a kept entry are kept with it.
    package func keeps(_ path: [UInt8]) -> Bool {
        switch rule {
        case .everything: true
        case .excluding(let patterns): !patterns.matches(path)
        case .including(let patterns): patterns.matches(path)
        }
    }

    /// Whether nothing beneath the directory at this path can be kept, so that it need not be read.
    func dropsEverythingBeneath(_ path: [UInt8]) -> Bool {
        guard case .excluding(let patterns) = rule else { return false }
        return patterns.matchesEverythingBeneath(path)
    }
}
