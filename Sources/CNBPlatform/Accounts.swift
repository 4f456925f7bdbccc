import Archive
import Diagnostics

/// The users and groups of a root file system, from its passwd and group files, which are hostile input.
struct Accounts {
    private let users: [[Substring]]
    private let groups: [[Substring]]

    init(in root: ConfinedDirectory) throws {
        users = try Self.lines("/etc/passwd", in: root)
        groups = try Self.lines("/etc/group", in: root)
    }

    private static func lines(_ path: String, in root: ConfinedDirectory) throws -> [[Substring]] {
        guard let bytes = try root.readIfPresent(path, limit: 1 << 20) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map {
            $0.split(separator: ":", omittingEmptySubsequences: false)
        }
    }

    /// The home folder of a user; nil for users that have no entry, or none with an absolute home.
    func home(of user: UInt32) -> String? {
        let entry = users.first { $0.count >= 6 && UInt32($0[2]) == user }
        return entry.flatMap { $0[5].hasPrefix("/") ? String($0[5]) : nil }
    }

    /// The ids that an image's `User` means: `uid`, `uid:gid`, `name` or `name:group`. Empty is root.
    func ids(of text: String) throws -> Ownership {
        guard !text.isEmpty else { return .root }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let entry = users.first { $0.count >= 4 && $0[0] == parts[0] } ?? users.first { $0.count >= 4 && $0[2] == parts[0] }
        guard let user = UInt32(parts[0]) ?? entry.flatMap({ UInt32($0[2]) }) else {
            throw Fault("the image starts as the user '\(parts[0])', which its /etc/passwd does not have")
        }
        guard parts.count == 2 else { return Ownership(user: user, group: entry.flatMap { UInt32($0[3]) } ?? 0) }
        let named = groups.first { $0.count >= 3 && $0[0] == parts[1] }
        guard let group = UInt32(parts[1]) ?? named.flatMap({ UInt32($0[2]) }) else {
            throw Fault("the image starts in the group '\(parts[1])', which its /etc/group does not have")
        }
        return Ownership(user: user, group: group)
    }
}
