import Diagnostics

/// The ranges of user or group ids that /etc/subuid or /etc/subgid gives to users.
struct SubordinateIDs: Equatable {
    struct Range: Equatable {
        /// A name or a number.
        var owner: String
        var start: UInt64
        var count: UInt64
    }

    /// What a Debian root file system needs: ids from 0 to 65534.
    static let needed: UInt64 = 65_536

    var ranges: [Range]

    init(parsing text: String) {
        ranges = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 3, let start = UInt64(fields[1]), let count = UInt64(fields[2]) else { return nil }
            return Range(owner: String(fields[0]), start: start, count: count)
        }
    }

    /// Whether one range of the user's is large enough.
    func suffice(for user: String, id: UInt32) -> Bool {
        ranges.contains { ($0.owner == user || $0.owner == String(id)) && $0.count >= Self.needed }
    }

    /// Where a range would begin that no other overlaps.
    var firstFree: UInt64 {
        ranges.reduce(100_000) { max($0, $1.start.addingReportingOverflow($1.count).partialValue) }
    }

    /// The error for a user who lacks what making a base needs; nil when all is there.
    static func problem(user: String, id: UInt32, users: SubordinateIDs, groups: SubordinateIDs) -> Fault? {
        let files = [("/etc/subuid", users), ("/etc/subgid", groups)]
        let missing = files.filter { !$0.1.suffice(for: user, id: id) }.map(\.0)
        guard !missing.isEmpty else { return nil }
        let start = max(users.firstFree, groups.firstFree)
        let range = "\(start)-\(start &+ needed - 1)"
        return Fault(
            "making a base as an ordinary user needs \(needed) subordinate ids, and '\(user)' has no such range in \(missing.joined(separator: " and "))",
            hint: "add them, once: sudo usermod --add-subuids \(range) --add-subgids \(range) \(user)")
    }
}
