import FoundationEssentials
import TestSupport

/// The files of this repository that a newcomer reads and runs.
enum Repository {
    /// The folder that holds `README.md` and `Examples`.
    static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    static func path(_ name: String) -> String { "\(root)/\(name)" }

    static func text(_ name: String) throws -> String {
        guard let data = try? Data(contentsOf: URL(filePath: path(name))) else { throw TestSetupError("'\(name)' cannot be read") }
        return String(decoding: data, as: UTF8.self)
    }
}
