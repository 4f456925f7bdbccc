import Diagnostics
import TOML

/// What is allowed in a descriptor but probably a mistake.
extension ProjectParser {
    //
    mutating func warnAboutMissingSchema(_ root: TOMLReader, _ head: TOMLReader?) {
        let mistyped = head.flatMap { Suggestion.nearest(to: "schema-version", among: $0.table.keys) }
        let location = mistyped.flatMap { key in head.map { text.location(of: key, in: $0) } } ?? trapLocation(root)
        warnings.append(Self.schemaWarning(ignored: Self.ignoredKeys(root), mistyped: mistyped, hasHead: head != nil, at: location))
    }

    /// Schema 0.1 named on purpose, with tables of the later ones.
    mutating func warnAboutIgnoredTables(_ root: TOMLReader) {
        let ignored = Self.ignoredKeys(root)
        guard !ignored.isEmpty, case .table(let head)? = root.table["_"], case .string(let version)? = head["schema-version"],
            !version.isEmpty
        else {
            return
        }
        warnings.append(
            DescriptorWarning(
                "schema-version is 0.1, so all of [io.buildpacks] is ignored: " + ignored.joined(separator: ", "),
                suggestion: "write this under [_]:\n    schema-version = \"0.2\"", at: trapLocation(root)))
    }

    private func trapLocation(_ root: TOMLReader) -> SourceLocation {
        guard case .table(let io)? = root.table["io"], let position = io.position(of: "buildpacks") else {
            return text.location(line: 1, column: 1)
        }
        return text.location(position)
    }

    private static func ignoredKeys(_ root: TOMLReader) -> [String] {
        guard case .table(let io)? = root.table["io"], case .table(let buildpacks)? = io["buildpacks"] else { return [] }
        return buildpacks.keys
    }

    /// The descriptor cannot be parsed; whether it is also one of A-4 is told from the look of its lines.
    mutating func warnAboutSchema(inBrokenText bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            line.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
        }
        let starts = { (line: [UInt8], text: String) in line.starts(with: text.utf8) }
        guard !lines.contains(where: { starts($0, "schema-version=") || starts($0, "_.schema-version=") }) else { return }
        guard let index = lines.firstIndex(where: { starts($0, "[io.buildpacks") || starts($0, "[[io.buildpacks") }) else { return }
        let hasHead = lines.contains(where: { starts($0, "[_]") })
        warnings.append(
            Self.schemaWarning(ignored: ["io.buildpacks"], mistyped: nil, hasHead: hasHead, at: text.location(line: index + 1, column: 1)))
    }

    private static func schemaWarning(ignored: [String], mistyped: String?, hasHead: Bool, at location: SourceLocation) -> DescriptorWarning
    {
        let line = "schema-version = \"0.2\""
        let message =
            ignored.isEmpty
            ? "no schema-version in the project descriptor: schema 0.1 is assumed"
            : "no schema-version in the project descriptor: schema 0.1 is assumed, and all of [io.buildpacks] is ignored"
                + (ignored == ["io.buildpacks"] ? "" : ": " + ignored.joined(separator: ", "))
        let suggestion =
            if let mistyped {
                "write 'schema-version' in place of '\(mistyped)'"
            } else if hasHead {
                "add this line under [_]:\n    \(line)"
            } else {
                "add these lines at the top:\n    [_]\n    \(line)"
            }
        return DescriptorWarning(message, suggestion: suggestion, at: location)
    }

    //
    mutating func warnAboutUnknownKeys(_ root: TOMLReader, _ schema: ProjectSchema) {
        for unread in root.unreadKeys() {
            if let warning = schema == .v0_1 ? unknownKey0_1(unread) : unknownKey0_2(unread, schema) { warnings.append(warning) }
        }
    }

    private func unknownKey0_1(_ unread: TOMLUnreadKey) -> DescriptorWarning? {
        // The tables of io.buildpacks have their own warning.
        guard unread.path.hasPrefix("project.") || unread.path.hasPrefix("build.") else { return nil }
        return text.unknownKey(unread)
    }

    private func unknownKey0_2(_ unread: TOMLUnreadKey, _ schema: ProjectSchema) -> DescriptorWarning? {
        // Other tables are free, but a slip in the second word of [io.buildpacks] loses everything under it.
        let isSlip = unread.path.hasPrefix("io.") && Suggestion.nearest(to: unread.key, among: ["buildpacks"]) != nil
        guard unread.path.hasPrefix("_.") || unread.path.hasPrefix("io.buildpacks.") || isSlip else { return nil }
        var warning = text.unknownKey(unread)
        if unread.key == "exec-env", schema == .v0_2 {
            warning.suggestion = "'exec-env' needs schema-version = \"0.3\""
        } else if unread.path == "io.buildpacks.env", schema == .v0_3 {
            warning.suggestion = "since schema 0.3 variables stand in [[io.buildpacks.build.env]]"
        }
        return warning
    }

    mutating func warnAboutPatterns(_ patterns: [String], at location: SourceLocation) {
        for (index, problem) in IgnorePatterns(patterns).problems {
            warnings.append(DescriptorWarning("the pattern '\(patterns[index])' matches nothing: \(problem.message)", at: location))
        }
    }

    mutating func warnAboutEntries(_ descriptor: ProjectDescriptor) {
        for entry in descriptor.group + descriptor.pre + descriptor.post {
            warnAboutCombination(entry)
            if entry.isInline { warnings += InlineBuildpack.warnings(entry) }
        }
        warnAboutDuplicates(descriptor.group)
        warnAboutDuplicates(descriptor.pre + descriptor.post)
    }

    //
    private mutating func warnAboutCombination(_ entry: BuildpackEntry) {
        let name = entry.id ?? entry.uri ?? ""
        if let script = entry.script, script.inline == nil {
            warnings.append(
                DescriptorWarning(
                    "buildpack '\(name)': its 'script' has no 'inline' text and is ignored",
                    suggestion: "write the script in 'inline', or remove the table", at: script.location))
        } else if let script = entry.script, entry.uri != nil {
            warnings.append(
                DescriptorWarning(
                    "buildpack '\(name)': 'uri' wins, its inline 'script' is ignored", suggestion: "keep one of the two",
                    at: script.location))
        } else if entry.script != nil, let version = entry.version {
            warnings.append(
                DescriptorWarning(
                    "buildpack '\(name)': 'version' beside 'script' is outside of the specification; the inline buildpack gets version \(version)",
                    suggestion: "remove 'version' if other platforms should read this file", at: entry.location))
        }
        if entry.uri != nil, entry.version != nil {
            warnings.append(
                DescriptorWarning(
                    "buildpack '\(name)': 'version' is ignored beside 'uri'", suggestion: "remove 'version'", at: entry.location))
        }
    }

    //
    private mutating func warnAboutDuplicates(_ entries: [BuildpackEntry]) {
        var seen: Set<String> = []
        for entry in entries where entry.isInline {
            guard let id = entry.id, !seen.insert("\(id)@\(entry.version ?? InlineBuildpack.defaultVersion)").inserted else { continue }
            warnings.append(
                DescriptorWarning(
                    "inline buildpack '\(id)' is defined twice: it runs once, at the first place, with the last definition's script",
                    suggestion: "give each inline buildpack an id of its own", at: entry.location))
        }
    }
}
