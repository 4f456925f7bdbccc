package import Diagnostics

/// `CNB_EXEC_ENV`: letters, digits, `.` and `-` (L.2).
package struct ExecutionEnvironmentName: Equatable, Sendable {
    package static let production = ExecutionEnvironmentName(unchecked: "production")

    package let name: String

    package init(_ name: String) throws(Fault) {
        let allowed = name.utf8.allSatisfy {
            ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || $0 == 0x2e || $0 == 0x2d
        }
        guard allowed, !name.isEmpty else {
            throw Fault(
                "--exec-env: '\(name)' is not an execution environment",
                hint: "use letters, digits, '.' and '-', such as 'production' or 'test'")
        }
        self.name = name
    }

    private init(unchecked name: String) {
        self.name = name
    }
}
