import FoundationEssentials
import Glibc
import Synchronization

/// A user of this machine who runs `tote` in a test.
package struct Account: Sendable, Equatable, CustomStringConvertible {
    package let name: String
    package let id: UInt32

    /// Who runs the tests.
    package static let current = Account(
        name: getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())", id: geteuid())

    /// Ordinary users, made for this run of the tests and removed at its end: one with subordinate ids, one without.
    /// Nil when the tests do not run as root.
    package static let mapped = TemporaryAccounts.make("m", options: [])
    package static let single = TemporaryAccounts.make("s", options: ["--system"])

    package static var ordinary: [Account] { [mapped, single].compactMap { $0 } }

    package var isCurrent: Bool { self == Self.current }

    /// What to put before a command line.
    package var prefix: [String] {
        isCurrent ? [] : ["/usr/bin/setpriv", "--reuid", "\(id)", "--regid", "\(id)", "--clear-groups"]
    }

    /// Whether /etc/subuid lends ids to this user.
    package var hasSubordinateIDs: Bool {
        let lines = (try? Data(contentsOf: URL(filePath: "/etc/subuid"))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return lines.split(separator: "\n").contains { $0.hasPrefix("\(name):") || $0.hasPrefix("\(id):") }
    }

    package var description: String { name }
}

private enum TemporaryAccounts {
    private static let made = Mutex<[String]>([])

    static func make(_ suffix: String, options: [String]) -> Account? {
        guard geteuid() == 0, Peer.path(of: "useradd") != nil, Peer.path(of: "userdel") != nil, Peer.path(of: "setpriv") != nil else {
            return nil
        }
        let name = "tote\(suffix)\(getpid())"
        // Another run of tests may hold the lock of the account files.
        for _ in 0..<20 where getpwnam(name) == nil {
            if !call(["useradd", "--no-create-home", "--user-group", "--shell", "/bin/sh"] + options + [name]) { usleep(200_000) }
        }
        guard let entry = getpwnam(name) else { return nil }
        if made.withLock({ made in
            made.append(name)
            return made.count == 1
        }) {
            atexit { TemporaryAccounts.removeAll() }
        }
        return Account(name: name, id: entry.pointee.pw_uid)
    }

    static func removeAll() {
        for name in made.withLock({ $0 }) {
            for _ in 0..<20 where getpwnam(name) != nil {
                if !call(["userdel", name]) { usleep(200_000) }
            }
        }
    }

    private static func call(_ arguments: [String]) -> Bool {
        (try? Program(arguments).start().waitBlocking().succeeded) ?? false
    }
}
