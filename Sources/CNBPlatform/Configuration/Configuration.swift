package import Archive
package import CNBSpec
package import Diagnostics
import OCIImage
import TOML

/// What `config.toml` says. Every key may be absent.
package struct Configuration: Equatable, Sendable {
    package var defaultBuilder: String?
    package var pullPolicy: PullPolicy?
    /// Host, or `*` for every host, to the mirror that is asked in its place (L-11).
    package var registryMirrors: [String: String] = [:]
    /// Other places of run images, best first (L-25).
    package var runImageMirrors: [RunImage] = []
    /// A file of CA certificates, absolute.
    package var caCertificates: String?
    /// Hosts that may be spoken to without checked certificates.
    package var insecureRegistries: [String] = []
    /// `limits.unpacked-size`: the most that an archive may become, in bytes.
    package var unpackedSize: Int64?
    /// `cache.max-size`: the most that all build caches may take together, in bytes.
    package var cacheSize: Int64?
    /// `build.compression`: of the layers that builds make.
    package var encoding: LayerEncoding?
    /// Registries of buildpacks: their names and the addresses of their git repositories (H-48).
    package var buildpackRegistries: [String: String] = [:]
    package var defaultBuildpackRegistry: String?

    package init() {}

    /// The file of this user: `$XDG_CONFIG_HOME/tote/config.toml`, else `~/.config/tote/config.toml`. Nil without a home.
    package static func path(environment: [String: String]) -> String? {
        UserFolders(environment).configuration.map { $0 + "/tote/config.toml" }
    }

    /// Reads the user's file; a missing one says nothing.
    package static func load(environment: [String: String]) throws(Fault) -> (configuration: Configuration, warnings: [DescriptorWarning]) {
        guard let path = path(environment: environment), let bytes = try UserFile.read(path, shown: "the configuration '\(path)'") else {
            return (Configuration(), [])
        }
        return try read(bytes, file: path)
    }

    /// Reads a file's text. `file` is its path; a relative path in it starts from its folder.
    package static func read(
        _ bytes: [UInt8], file: String
    ) throws(Fault) -> (configuration: Configuration, warnings: [DescriptorWarning]) {
        let text = SourceText(file: file, bytes: bytes)
        do {
            let reader = TOMLReader(try TOMLTable.parse(bytes))
            let configuration = try Configuration(reader, text)
            return (configuration, reader.unreadKeys().map(text.unknownKey))
        } catch let error as TOMLError {
            throw text.fault(error)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault("reading '\(file)'", cause: error)
        }
    }

    private init(_ reader: TOMLReader, _ text: SourceText) throws {
        defaultBuilder = try reader.string("default-builder-image").flatMap { $0.isEmpty ? nil : $0 }
        if let policy = try reader.string("pull-policy"), !policy.isEmpty {
            do throws(Fault) {
                pullPolicy = try PullPolicy(parsing: policy)
            } catch {
                throw Fault(error.message, hint: error.hint, at: text.location(of: "pull-policy", in: reader))
            }
        }
        if let mirrors = try reader.table("registry-mirrors") {
            for host in mirrors.table.keys {
                guard let mirror = try mirrors.string(host), !mirror.isEmpty else {
                    throw text.fault(mirrors.error(at: host, "the mirror of '\(host)' is empty"))
                }
                registryMirrors[host] = mirror
            }
        }
        runImageMirrors = try (reader.tables("run-images") ?? []).map { entry in
            let image = RunImage(image: try entry.requiredString("image"), mirrors: try entry.strings("mirrors") ?? [])
            for (key, names) in [("image", [image.image]), ("mirrors", image.mirrors)] {
                for name in names {
                    do throws(ReferenceError) { _ = try Reference(parsing: name) } catch {
                        throw Fault(
                            "a run image in the configuration: \(error.message)", hint: error.hint, at: text.location(of: key, in: entry))
                    }
                }
            }
            return image
        }
        if let path = try reader.string("ca-certificates"), !path.isEmpty {
            let folder = text.file.lastIndex(of: "/").map { String(text.file[...$0]) } ?? ""
            caCertificates = path.hasPrefix("/") ? path : folder + path
        }
        insecureRegistries = try reader.strings("insecure-registries") ?? []
        unpackedSize = try Self.size("unpacked-size", in: try reader.table("limits"), text)
        cacheSize = try Self.size("max-size", in: try reader.table("cache"), text)
        encoding = try Self.encoding(in: try reader.table("build"), text)
        for entry in try reader.tables("registries") ?? [] {
            _ = try entry.string("type")
            buildpackRegistries[try entry.requiredString("name")] = try entry.requiredString("url")
        }
        defaultBuildpackRegistry = try reader.string("default-registry-name").flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func encoding(in table: TOMLReader?, _ text: SourceText) throws -> LayerEncoding? {
        guard let table, let encoding = try table.string("compression") else { return nil }
        do throws(Fault) {
            return try LayerEncoding(parsing: encoding)
        } catch {
            throw Fault(error.message, hint: error.hint, at: text.location(of: "compression", in: table))
        }
    }

    private static func size(_ key: String, in table: TOMLReader?, _ text: SourceText) throws -> Int64? {
        guard let table, let size = try table.string(key) else { return nil }
        guard let bytes = ByteCount.parse(size) else {
            throw text.fault(
                table.error(at: key, "'\(size)' is not a size"), hint: "write a number and a unit, such as \"16GiB\" or \"500MB\"")
        }
        return bytes
    }
}

extension Configuration {
    /// What the user has configured for a run image, whichever way its name is written.
    func mirrors(ofRunImage name: String) -> [String] {
        runImageMirrors.first { BuildPlatform.isSameImage($0.image, name) }?.mirrors ?? []
    }
}
