extension Launch {
    /// A process that is not direct runs in bash (E-33): an outer one sources the profiles and enters the working directory,
    /// an inner one evaluates the command.
    func shellCommand(
        _ process: LaunchProcess, environment: Environment, workingDirectory: ByteText
    ) throws(LaunchError) -> LaunchCommand {
        let bash: ByteText = "/bin/bash"
        guard files.isExecutable(bash) else { throw .launch("a process that is not direct needs '\(bash)' in the run image") }
        var script = ByteText("")
        for profile in try profiles(type: process.type) { script = script + "source " + Self.quoted(profile) + "\n" }
        script = script + "cd " + Self.quoted(workingDirectory) + " || exit 82\n"
        // Without arguments the command is a script of its own (E-35); its elements are joined first (E-36).
        if process.arguments.isEmpty {
            script = script + "exec bash -c \"$@\""
        } else {
            script = script + "exec bash -c " + Self.quoted(Self.evaluation(tokens: process.arguments.count + 1)) + " \"$@\""
        }
        let command = ByteText(bytes: Array(process.command.map { $0.bytes }.joined(separator: [UInt8(ascii: " ")])))
        return LaunchCommand(
            executable: bash, arguments: ["bash", "-c", script, settings.caller, command] + process.arguments,
            environment: environment, workingDirectory: nil)
    }

    /// `"$(eval echo \"$0\")" "$(eval echo \"${1}\")" …`: every token is expanded once, as between double quotes, and stays one
    /// word. The parameters are unquoted for `eval`, so that runs of blanks in a token become one (measured, E-35).
    private static func evaluation(tokens: Int) -> ByteText {
        ByteText((0..<tokens).map { #""$(eval echo \"${\#($0)}\")""# }.joined(separator: " "))
    }

    /// As one word of a shell.
    private static func quoted(_ text: ByteText) -> ByteText {
        var bytes: [UInt8] = [UInt8(ascii: "'")]
        for byte in text.bytes {
            if byte == UInt8(ascii: "'") { bytes += Array(#"'\''"#.utf8) } else { bytes.append(byte) }
        }
        return ByteText(bytes: bytes + [UInt8(ascii: "'")])
    }
}
