import ArgumentParser
import CNBSpec
import FoundationEssentials
import TOML

/// How one document is printed: for people, or for programs in one of three languages (L.4).
package enum DocumentFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text = "human-readable"
    case json, yaml, toml

    /// Without a new line at the end. Keys are sorted.
    func text(_ document: JSONValue) throws -> String {
        switch self {
        case .text, .json: return try JSONOutput.text(document)
        case .yaml: return YAMLText(document).lines.joined(separator: "\n")
        case .toml:
            guard case .object(let fields) = document else { return "" }
            var text = TOMLTable(fields).serialized()
            if text.last == "\n" { text.removeLast() }
            return text
        }
    }
}
