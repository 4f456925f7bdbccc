/// One file of an environment directory: `PATH.prepend` and its contents, verbatim.
package struct EnvironmentFile: Equatable, Sendable {
    package var name: ByteText
    package var contents: ByteText

    package init(name: ByteText, contents: ByteText) {
        self.name = name
        self.contents = contents
    }

    package init(name: String, contents: [UInt8]) {
        self.init(name: ByteText(name), contents: ByteText(bytes: contents))
    }

    package init(name: String, contents: String) {
        self.init(name: ByteText(name), contents: ByteText(contents))
    }
}

/// What a file without a suffix does.
package enum DefaultAction: Equatable, Sendable {
    case override
    case `default`
}

extension Environment {
    /// Applies the files of one environment directory, given in any order: C-24 and C-25.
    ///
    /// The name of a variable ends at the first dot, the rest is the action; files with an unknown action do nothing.
    package mutating func apply(directory files: [EnvironmentFile], unsuffixed: DefaultAction) {
        for file in files.sorted(by: { $0.name < $1.name }) {
            let (name, suffix) = Self.parts(of: file.name)
            guard !name.isEmpty else { continue }
            let unsuffixedAction: ByteText = unsuffixed == .override ? "override" : "default"
            switch suffix ?? unsuffixedAction {
            case "override": set(name, file.contents)
            case "default":
                if value(name)?.isEmpty ?? true { set(name, file.contents) }
            case "append": append(name, file.contents, separator: Self.delimiter(for: name, in: files))
            case "prepend": prepend(name, file.contents, separator: Self.delimiter(for: name, in: files))
            default: break
            }
        }
    }

    private static func parts(of fileName: ByteText) -> (name: ByteText, suffix: ByteText?) {
        guard let dot = fileName.bytes.firstIndex(of: UInt8(ascii: ".")) else { return (fileName, nil) }
        return (ByteText(bytes: Array(fileName.bytes[..<dot])), ByteText(bytes: Array(fileName.bytes[(dot + 1)...])))
    }

    /// Empty without a `.delim` file (C-25).
    private static func delimiter(for name: ByteText, in files: [EnvironmentFile]) -> ByteText {
        files.first { $0.name == name + ".delim" }?.contents ?? ""
    }
}
