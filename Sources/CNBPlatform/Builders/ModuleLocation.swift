import CNBSpec
import Diagnostics

/// Reads the `uri` of a module in builder.toml.
enum ModuleLocation {
    /// The host path of the folder. Other places than folders are refused for now.
    static func folder(_ entry: BuilderConfig.Module, _ kind: ModuleKind, relativeTo folder: String) throws(Fault) -> String {
        var path = entry.uri
        if let colon = path.firstIndex(of: ":"), path[..<colon].allSatisfy({ $0.isLetter }), !path.hasPrefix("/"), !path.hasPrefix(".") {
            guard path.hasPrefix("file://") else {
                throw Fault(
                    "'\(entry.uri)' is not supported yet as the place of \(kind == .buildpack ? "a buildpack" : "an extension")",
                    hint: "unpack it and name the folder, relative to the file", at: entry.location)
            }
            path = String(path.dropFirst("file://".count))
        }
        if [".tgz", ".tar", ".tar.gz", ".cnb"].contains(where: path.hasSuffix) {
            throw Fault("'\(entry.uri)' is not supported yet: only folders are", hint: "unpack it and name the folder", at: entry.location)
        }
        return path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}
