package import Diagnostics

/// Where the build's own variables come from, lowest to highest: the descriptor, files, the command line (A-41).
package struct BuildEnvironmentInputs: Sendable {
    package var descriptor: [EnvironmentEntry]
    /// Paths of files with one `NAME=VALUE` or `NAME` a line, in order.
    package var files: [String]
    /// `NAME=VALUE` or `NAME`, in order.
    package var flags: [String]

    package init(descriptor: [EnvironmentEntry] = [], files: [String] = [], flags: [String] = []) {
        (self.descriptor, self.files, self.flags) = (descriptor, files, flags)
    }

    /// Name to value; of two of one name the last wins. A name without `=` takes its value from `caller`, empty when that has none
    /// (A-42). Entries of the descriptor for other execution environments than `execEnv` are left out.
    package func merged(caller: [String: String], execEnv: String) throws(Fault) -> MergedEnvironment {
        var merged = MergedEnvironment()
        for entry in descriptor where entry.execEnv.isEmpty || entry.execEnv.contains(execEnv) || entry.execEnv.contains("*") {
            try merged.set(entry.name, entry.value, from: "project descriptor", at: entry.location)
        }
        for file in files {
            try merged.read(file, caller)
        }
        for flag in flags {
            let (name, value) = Self.split(flag)
            try merged.set(name, value ?? caller[name] ?? "", from: "--env", at: nil)
        }
        return merged
    }

    fileprivate static func split(_ text: String) -> (name: String, value: String?) {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return (text, nil) }
        return (
            String(decoding: text.utf8[..<equals], as: UTF8.self),
            String(decoding: text.utf8[text.utf8.index(after: equals)...], as: UTF8.self)
        )
    }
}

/// The variables of a build, and what looked odd on the way.
package struct MergedEnvironment: Equatable, Sendable {
    package fileprivate(set) var values: [String: String] = [:]
    package fileprivate(set) var warnings: [DescriptorWarning] = []

    /// The name becomes a file's name in `/platform/env`, so it must be one.
    fileprivate mutating func set(_ name: String, _ value: String, from origin: String, at location: SourceLocation?) throws(Fault) {
        let problem: String? =
            if name.isEmpty {
                "a variable has no name"
            } else if name.utf8.contains(0) || value.utf8.contains(0) {
                "variable '\(name.filter { $0 != "\0" })' holds a NUL character"
            } else if name.utf8.contains(UInt8(ascii: "/")) {
                "'\(name)' cannot be a variable's name, it holds a '/'"
            } else if name == "." || name == ".." {
                "'\(name)' cannot be a variable's name"
            } else if name.utf8.count > 255 {
                "a variable's name is longer than 255 bytes: '\(name.prefix(40))…'"
            } else {
                nil
            }
        if let problem {
            throw Fault(
                "\(origin): \(problem)", hint: "write variables as NAME=VALUE, with letters, digits and '_' in the name", at: location)
        }
        values[name] = value
    }

    // A-42: lines are trimmed, empty ones skipped, and nothing is a comment.
    fileprivate mutating func read(_ file: String, _ caller: [String: String]) throws(Fault) {
        guard let bytes = try UserFile.read(file, shown: "the environment file '\(file)'") else {
            throw Fault("there is no environment file '\(file)'", hint: "check the path given with --env-file")
        }
        let text = SourceText(file: file, bytes: bytes)
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let content = Self.trimmed(String(decoding: line, as: UTF8.self))
            guard !content.isEmpty else { continue }
            let location = text.location(line: index + 1, column: 1)
            if content.hasPrefix("#") {
                warnings.append(
                    DescriptorWarning(
                        "this line sets a variable: environment files have no comments", suggestion: "remove it", at: location))
            }
            let (name, value) = BuildEnvironmentInputs.split(content)
            try set(name, value ?? caller[name] ?? "", from: "--env-file", at: location)
        }
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
