/// Runs programs that keep credentials (`docker-credential-NAME`), wherever they have to run.
package protocol CredentialHelper: Sendable {
    /// Runs `program get` with `server` as its input. Throws when it cannot be run or does not end.
    func run(_ program: String, server: String) async throws -> CredentialHelperOutput
}

/// What such a program wrote. It holds a secret, so it does not print.
package struct CredentialHelperOutput: Sendable {
    /// 128 and more: it ended by that signal.
    package var exitStatus: Int32
    package var output: Secret

    package init(exitStatus: Int32, output: [UInt8]) {
        self.exitStatus = exitStatus
        self.output = Secret(String(decoding: output, as: UTF8.self))
    }
}
