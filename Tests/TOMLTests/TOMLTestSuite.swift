import FoundationEssentials
import Glibc

/// The public toml-test suite, as it comes inside the source distribution of the Python package tomlkit.
///
/// It is downloaded once into `.build` with pip; nothing of it is committed.
enum TOMLTestSuite {
    struct Case: Sendable {
        var name: String
        var bytes: [UInt8]
        /// The tagged JSON of the suite; nil for documents that must be refused.
        var expected: Data?
    }

    static let isRequired = getenv("CI").map { String(cString: $0) } == "true"

    /// The folder with `valid`, `invalid` and the lists of files; nil when it cannot be had.
    static let folder: String? = {
        let package = "tomlkit-0.15.2"
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let cache = root.appending(path: ".build/test-data").path
        let folder = "\(cache)/\(package)/tests/toml-test/tests"
        let list = "\(folder)/files-toml-1.0.0"
        if access(list, R_OK) == 0 { return folder }
        // Unpacked aside and renamed, so that two test runs at once see all of it or nothing.
        func quoted(_ path: String) -> String { "'\(path.replacing("'", with: #"'\''"#))'" }
        let script = """
            CACHE=\(quoted(cache)); LIST=\(quoted(list))
            set -e; mkdir -p "$CACHE"; work=$(mktemp -d "$CACHE/new.XXXXXX"); trap 'rm -rf "$work"' EXIT
            python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: -d "$work" tomlkit==0.15.2
            tar -xzf "$work/\(package).tar.gz" -C "$work"
            mv -T "$work/\(package)" "$CACHE/\(package)" || test -e "$LIST"
            """
        let status = system("{ \(script)\n} >/dev/null 2>&1 </dev/null")
        return status == 0 && access(list, R_OK) == 0 ? folder : nil
    }()

    /// The cases of TOML 1.0.0.
    static func cases() throws -> [Case] {
        guard let folder else { throw Unavailable() }
        let list = try String(contentsOf: URL(filePath: "\(folder)/files-toml-1.0.0"), encoding: .utf8)
        return try list.split(separator: "\n").filter { $0.hasSuffix(".toml") }.map { name in
            let path = "\(folder)/\(name.dropLast(5))"
            return Case(
                name: String(name), bytes: Array(try Data(contentsOf: URL(filePath: "\(path).toml"))),
                expected: name.hasPrefix("valid/") ? try Data(contentsOf: URL(filePath: "\(path).json")) : nil)
        }
    }

    struct Unavailable: Error, CustomStringConvertible {
        var description: String { "the source distribution of tomlkit 0.15.2 could not be downloaded with 'python3 -m pip download'" }
    }
}

/// The JSON of the suite: every leaf is an object of a type and a text.
indirect enum TaggedValue: Equatable, Decodable {
    case leaf(type: String, text: String)
    case array([TaggedValue])
    case table([String: TaggedValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let array = try? container.decode([TaggedValue].self) {
            self = .array(array)
        } else if let leaf = try? container.decode([String: String].self), let type = leaf["type"], let text = leaf["value"],
            leaf.count == 2
        {
            self = Self.normalized(type: type, text: text)
        } else {
            self = .table(try container.decode([String: TaggedValue].self))
        }
    }

    /// Floats are compared as numbers, fractions of seconds without their last zeros.
    static func normalized(type: String, text: String) -> TaggedValue {
        if type == "float" { return .leaf(type: type, text: Double(text).map { $0.isNaN ? "nan" : "\($0)" } ?? text) }
        guard type.hasPrefix("date") || type.hasPrefix("time"), let point = text.firstIndex(of: ".") else {
            return .leaf(type: type, text: text)
        }
        let fraction = text[point...].dropFirst().prefix { $0.isNumber }
        let zone = text[point...].dropFirst(1 + fraction.count)
        var digits = String(fraction)
        while digits.last == "0" { digits.removeLast() }
        return .leaf(type: type, text: "\(text[..<point])\(digits.isEmpty ? "" : ".\(digits)")\(zone)")
    }
}
