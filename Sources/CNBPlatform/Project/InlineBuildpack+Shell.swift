import Diagnostics

/// What can stand behind `#!` (A-21, A-24).
extension InlineBuildpack {
    /// The kernel reads 256 bytes of the first line, `#!` and the line's end among them.
    private static let longestShell = 253

    static func checkShell(_ shell: String, at location: SourceLocation?) throws(Fault) {
        guard shell.hasPrefix("/") else {
            throw Fault(
                "inline buildpack: shell '\(shell)' is not an absolute path",
                hint:
                    "the system starts the program that the script's first line names by its whole path: write shell = \"\(absolute(shell))\"",
                at: location)
        }
        guard shell.utf8.count <= longestShell, !shell.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\t" }) else {
            throw Fault(
                "inline buildpack: the shell must be one line of at most \(longestShell) bytes",
                hint: "name only the program here, such as \"/bin/bash\"; what it shall do belongs in 'inline'", at: location)
        }
    }

    /// `bash -e` as something that the system can start.
    private static func absolute(_ shell: String) -> String {
        let words = shell.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let program = words.first?.split(separator: "/").last.map(String.init) else { return defaultShell }
        let rest = words.dropFirst().joined(separator: " ")
        if ["sh", "bash", "dash"].contains(program) { return "/bin/\(program)" + (rest.isEmpty ? "" : " " + rest) }
        // Everything behind the program's path arrives there as one word; -S makes env split it.
        return rest.isEmpty ? "/usr/bin/env \(program)" : "/usr/bin/env -S \(program) \(rest)"
    }

    /// What works differently from how it looks.
    static func warnings(_ entry: BuildpackEntry) -> [DescriptorWarning] {
        guard let id = entry.id, let script = entry.script, let inline = script.inline else { return [] }
        var warnings: [DescriptorWarning] = []
        let shell = script.shell ?? defaultShell
        let words = shell.split(whereSeparator: \.isWhitespace).map(String.init)
        if words.count > 2, words[0].hasSuffix("/env"), !words[1].hasPrefix("-") {
            let command = words.dropFirst().joined(separator: " ")
            warnings.append(
                DescriptorWarning(
                    "inline buildpack '\(id)': env will look for a program named '\(command)', spaces included",
                    suggestion: "write shell = \"\(words[0]) -S \(command)\"", at: script.shellLocation))
        }
        // A-24: the generated first line is the one that counts.
        let start = inline.drop(while: \.isNewline)
        if start.hasPrefix("#!") {
            let wanted = start.dropFirst(2).prefix { !$0.isNewline }.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if !wanted.isEmpty, wanted != words.joined(separator: " ") {
                warnings.append(
                    DescriptorWarning(
                        "inline buildpack '\(id)': the line '#!\(wanted)' is only a comment, the script runs in \(shell)",
                        suggestion:
                            "to run it in another program, add to its script table: shell = \"\(wanted.hasPrefix("/") ? wanted : absolute(wanted))\"",
                        at: script.location))
            }
        }
        return warnings
    }
}
