import Glibc

/// Other people's programs that tests talk to.
package enum Peer {
    /// Where `program` is, or nil when it is not installed.
    package static func path(of program: String) -> String? {
        if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin").split(separator: ":")
        return (folders.map(String.init) + ["/usr/sbin", "/sbin"]).map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    /// The condition of a test that needs `program`: a missing one skips the test, except in CI, where the test then runs and fails.
    package static func isThere(_ program: String) -> Bool {
        path(of: program) != nil || isCI
    }
}

extension Peer {
    package static var isCI: Bool { getenv("CI").map { String(cString: $0) } == "true" }

    /// Whether there is anything at that path.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }
}
