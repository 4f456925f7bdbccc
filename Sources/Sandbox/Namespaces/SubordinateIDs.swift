package import Diagnostics
import Glibc

/// The ids that /etc/subuid and /etc/subgid lend to a user.
package struct SubordinateIDs: Equatable, Sendable {
    package struct Range: Equatable, Sendable {
        package var start: UInt32
        package var count: UInt32
        /// `100000-165535`
        var text: String { "\(start)-\(UInt64(start) + UInt64(count) - 1)" }
    }

    package var users: [Range]
    package var groups: [Range]

    /// Nil unless the user has both user and group ids.
    init?(of user: OutsideUser, users: String = contents(of: "/etc/subuid"), groups: String = contents(of: "/etc/subgid")) {
        self.users = Self.ranges(in: users, for: user)
        self.groups = Self.ranges(in: groups, for: user)
        guard !self.users.isEmpty, !self.groups.isEmpty else { return nil }
    }

    /// The lines `name:start:count` of one user, who may be written by name or number. What cannot be understood is nobody's.
    static func ranges(in text: String, for user: OutsideUser) -> [Range] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0] == user.name || fields[0] == String(user.id),
                let start = UInt32(fields[1]), let count = UInt32(fields[2]), count > 0,
                start.addingReportingOverflow(count).overflow == false
            else { return nil }
            return Range(start: start, count: count)
        }
    }

    /// The error for a caller who lacks so many user and group ids in one range; nil when both are there. `purpose` completes "… needs
    /// 65536 subordinate ids".
    package static func shortage(of count: UInt32, for purpose: String) -> Fault? {
        shortage(of: count, for: purpose, .current(), users: contents(of: "/etc/subuid"), groups: contents(of: "/etc/subgid"))
    }

    static func shortage(of count: UInt32, for purpose: String, _ user: OutsideUser, users: String, groups: String) -> Fault? {
        let files = [("/etc/subuid", users), ("/etc/subgid", groups)]
        let missing = files.filter { !ranges(in: $0.1, for: user).contains { $0.count >= count } }.map(\.0)
        guard !missing.isEmpty else { return nil }
        let range = free(users: users, groups: groups).text
        return Fault(
            "\(purpose) needs \(count) subordinate ids, and '\(user.name)' has no such range in \(missing.joined(separator: " and "))",
            hint: "add them, once: sudo usermod --add-subuids \(range) --add-subgids \(range) \(user.name)")
    }

    /// The arguments of newuidmap and newgidmap after the process id: inside, outside, count, and so on.
    static func mapping(own id: UInt32, then ranges: [Range]) -> [String] {
        var arguments = ["0", String(id), "1"]
        var inside: UInt32 = 1
        for range in ranges {
            let (next, overflow) = inside.addingReportingOverflow(range.count)
            guard !overflow else { break }
            arguments += [String(inside), String(range.start), String(range.count)]
            inside = next
        }
        return arguments
    }

    /// Who a user inside the namespace of ``mapping(own:then:)`` is outside; 65534 for one that is not mapped.
    func hostUser(_ user: UInt32) -> UInt32 {
        guard user > 0 else { return OutsideUser.current().id }
        var offset = user - 1
        for range in users {
            if offset < range.count { return range.start + offset }
            offset -= range.count
        }
        return 65534
    }

    /// The first 65,536 ids from 100,000 on that come after those of everybody: lent twice, they would open the files of one user to the other.
    static func free(users: String = contents(of: "/etc/subuid"), groups: String = contents(of: "/etc/subgid")) -> Range {
        let ends = (users + "\n" + groups).split(whereSeparator: \.isNewline).compactMap { line -> UInt32? in
            let numbers = line.split(separator: ":").suffix(2).compactMap { UInt32($0) }
            return numbers.count == 2 ? numbers[0].addingReportingOverflow(numbers[1]).partialValue : nil
        }
        return Range(start: max(100_000, ends.max() ?? 0), count: 65536)
    }

    private static func contents(of path: String) -> String { SmallFile.read(path) ?? "" }
}

/// The user who called tote, as the system outside the namespaces knows them.
struct OutsideUser: Equatable, Sendable {
    var name: String
    var id: UInt32

    init(name: String, id: UInt32) {
        self.name = name
        self.id = id
    }

    /// Right inside a user namespace too, where getuid() answers 0.
    static func current() -> OutsideUser {
        var id = getuid()
        let map = SmallFile.read("/proc/self/uid_map")?.split(separator: "\n").first?.split(separator: " ") ?? []
        if map.count == 3, map[0] == "0", map[2] == "1", let outside = UInt32(map[1]) { id = outside }
        guard let entry = getpwuid(id), let name = entry.pointee.pw_name else { return OutsideUser(name: String(id), id: id) }
        return OutsideUser(name: String(cString: name), id: id)
    }
}
