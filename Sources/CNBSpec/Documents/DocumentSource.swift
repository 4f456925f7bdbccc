package import Diagnostics
package import TOML

/// The text of one TOML document and the name that errors give it. Reading the file is the caller's business.
package struct DocumentSource: Sendable {
    /// The file as the user knows it.
    package var file: String
    package var bytes: [UInt8]

    package init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    package init(file: String, text: String) {
        self.init(file: file, bytes: Array(text.utf8))
    }

    /// Parses and hands a reader to `body`. Every error becomes a `Fault` that names file, line and column and carries `status`.
    package func read<Value>(status: ExitStatus = .failure, _ body: (TOMLReader) throws -> Value) throws(Fault) -> Value {
        try withStatus(status) { try body(TOMLReader(try TOMLTable.parse(bytes))) }
    }

    /// Turns the errors of a part of the reading into faults of another status.
    func withStatus<Value>(_ status: ExitStatus, _ body: () throws -> Value) throws(Fault) -> Value {
        do {
            return try body()
        } catch let error as TOMLError {
            throw Fault("invalid \(name): \(error.message)", exitCode: status.rawValue, at: location(error.position))
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault("invalid \(name)", cause: error)
        }
    }

    /// What the document holds that nobody asked for.
    package func unknownKeys(of reader: TOMLReader) -> [UnknownKey] {
        reader.unreadKeys().map { key in
            UnknownKey(
                path: key.path, suggestion: Suggestion.nearest(to: key.key, among: key.siblings), location: key.position.map(location))
        }
    }

    private var name: String { file.split(separator: "/").last.map(String.init) ?? file }

    private func location(_ position: TOMLPosition) -> SourceLocation {
        SourceLocation(file: file, line: position.line, column: position.column, in: String(decoding: bytes, as: UTF8.self))
    }
}

/// A key of a document that means nothing to the spec: worth a warning, never a failure (B-5).
package struct UnknownKey: Equatable, Sendable {
    /// `buildpack.hompage`
    package var path: String
    /// The known key that was probably meant.
    package var suggestion: String?
    package var location: SourceLocation?

    package var message: String {
        let known = suggestion.map { ", did you mean '\($0)'?" } ?? ""
        return "unknown key '\(path)'\(known)"
    }
}
