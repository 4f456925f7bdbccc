import Archive
import CNBSpec
import TOML

/// The small layers of a builder, byte for byte as the reference tool writes them (H-26).
enum BuilderLayers {
    struct File: Equatable {
        var path: String
        var text: String
    }

    /// The directories that a build needs; two of them the build user's.
    static func directories(user: UInt32, group: UInt32, to layer: LayerWriter) throws {
        let owner = Ownership(user: user, group: group)
        for path in ["/workspace", "/layers"] {
            try layer.append(TarHeader(path: RawPath(path), kind: .directory, mode: 0o755, owner: owner))
        }
        for path in [
            "/cnb", "/cnb/buildpacks", "/cnb/extensions", "/platform", "/platform/env", "/cnb/build-config", "/cnb/build-config/env",
        ] {
            try layer.append(TarHeader(path: RawPath(path), kind: .directory, mode: 0o755))
        }
    }

    /// The files below /cnb, each a layer of its own.
    static func documents(order: Order, system: SystemBuildpacks, runImages: RunImages) -> [File] {
        var files = [File(path: "/cnb/order.toml", text: order.serialized())]
        if system != SystemBuildpacks() { files.append(File(path: "/cnb/system.toml", text: text(system))) }
        files.append(File(path: "/cnb/stack.toml", text: runImages.serializedStack()))
        files.append(File(path: "/cnb/run.toml", text: runImages.serialized()))
        return files
    }

    /// H-37: one file for each variable, one for each delimiter, in the order of their names.
    static func variables(_ variables: [BuilderConfig.Variable]) -> [File] {
        var files: [String: String] = [:]
        for variable in variables {
            files[variable.suffix.isEmpty ? variable.name : "\(variable.name).\(variable.suffix)"] = variable.value
            if !variable.delimiter.isEmpty { files["\(variable.name).delim"] = variable.delimiter }
        }
        return files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { File(path: "/cnb/build-config/env/\($0.key)", text: $0.value) }
    }

    static func files(_ files: [File], to layer: LayerWriter) throws {
        for file in files {
            try layer.append(TarHeader(path: RawPath(file.path), kind: .file, mode: 0o644), contents: Array(file.text.utf8))
        }
    }

    private static func text(_ system: SystemBuildpacks) -> String {
        func list(_ elements: [OrderElement]) -> TOMLValue {
            .table(TOMLTable([("buildpacks", .array(elements.map { .table(table($0)) }))]))
        }
        var tables: [(String, TOMLValue)] = []
        if !system.pre.isEmpty { tables.append(("pre", list(system.pre))) }
        if !system.post.isEmpty { tables.append(("post", list(system.post))) }
        return TOMLTable([("system", .table(TOMLTable(tables)))]).serialized()
    }

    private static func table(_ element: OrderElement) -> TOMLTable {
        var table = TOMLTable([("id", .string(element.id.raw))])
        if let version = element.version { table["version"] = .string(version.text) }
        if element.optional { table["optional"] = .boolean(true) }
        return table
    }
}
