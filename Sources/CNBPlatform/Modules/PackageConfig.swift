package import CNBSpec
package import Diagnostics
import TOML

/// package.toml: what a package is made of (H-15). Places are as written, relative to the file's folder.
package struct PackageConfig: Equatable, Sendable {
    /// Where a module comes from.
    package struct Place: Equatable, Sendable {
        package var uri: String
        package var location: SourceLocation?
    }

    /// What the package is made for: its own module.
    package var kind: ModuleKind
    package var main: Place
    package var dependencies: [Place] = []
    /// `linux` unless said otherwise.
    package var os = "linux"
    package var targets: [Target] = []

    /// What a folder without package.toml means (H-16).
    package init(kind: ModuleKind, folder: String) {
        self.kind = kind
        main = Place(uri: folder)
    }

    /// Unknown keys are errors.
    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.readStrictly("package toml") { reader in
            let buildpack = try reader.table("buildpack"), `extension` = try reader.table("extension")
            if buildpack != nil, `extension` != nil {
                throw reader.error(at: "extension", "'buildpack' and 'extension' exclude each other: a package is made for one of them")
            }
            guard let table = buildpack ?? `extension` else {
                throw reader.error("'buildpack.uri' is missing: it says where the buildpack is")
            }
            let kind = buildpack == nil ? ModuleKind.extension : .buildpack
            let place = try source.place(of: table, kind.rawValue)
            var config = PackageConfig(kind: kind, folder: place.uri)
            config.main.location = place.location
            config.dependencies = try (reader.tables("dependencies") ?? []).map { entry in
                let place = try source.place(of: entry, "dependency")
                return Place(uri: place.uri, location: place.location)
            }
            if let os = try reader.table("platform")?.string("os"), !os.isEmpty { config.os = os }
            config.targets = try (reader.tables("targets") ?? []).map(Target.init(strictly:))
            guard config.os == "linux" || config.os == "windows" else {
                throw reader.error(at: "platform", "'platform.os' is '\(config.os)', not 'linux' or 'windows'")
            }
            return config
        }
    }
}
