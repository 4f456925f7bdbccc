import CNBSpec
import Diagnostics
import TOML

extension DocumentSource {
    /// Reads a document whose unknown keys are errors, at their place and with the key that was probably meant (H-15, H-35).
    ///
    /// `what` names the kind of document in that error: "builder toml".
    func readStrictly<Value>(_ what: String, _ body: (TOMLReader) throws -> Value) throws(Fault) -> Value {
        try read { reader in
            let value = try body(reader)
            // Last, so that every known key has been asked for.
            let unknown = unknownKeys(of: reader)
            if let first = unknown.first {
                let others = unknown.count > 1 ? " (and \(unknown.count - 1) more)" : ""
                throw Fault("invalid \(what): \(first.message)\(others)", hint: "remove the key or correct its name", at: first.location)
            }
            return value
        }
    }

    /// The place of a key's value.
    func location(of key: String, in entry: TOMLReader) -> SourceLocation? {
        entry.table.position(of: key).map {
            SourceLocation(file: file, line: $0.line, column: $0.column, in: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Where a `[[buildpacks]]` or `[[dependencies]]` entry says its module is: `uri`, or `image`, its older form.
    func place(of entry: TOMLReader, _ what: String) throws -> (uri: String, location: SourceLocation?) {
        func filled(_ key: String) throws -> String? { try entry.string(key).flatMap { $0.isEmpty ? nil : $0 } }
        let uri = try filled("uri"), image = try filled("image")
        if uri != nil, image != nil { throw entry.error(at: "image", "'uri' and 'image' exclude each other: keep 'uri'") }
        if let uri { return (uri, location(of: "uri", in: entry)) }
        guard let image else { throw entry.error("'\(entry.fullPath("uri"))' is missing: it says where the \(what) is") }
        return (image.hasPrefix("docker://") ? image : "docker://\(image)", location(of: "image", in: entry))
    }
}

extension Target {
    /// A `[[targets]]` entry of builder.toml or package.toml.
    init(strictly entry: TOMLReader) throws {
        self.init(
            os: try entry.string("os") ?? "", arch: try entry.string("arch") ?? "", variant: try entry.string("variant") ?? "",
            distros: try (entry.tables("distros") ?? []).map {
                Distro(name: try $0.string("name") ?? "", version: try $0.string("version") ?? "")
            })
    }
}
