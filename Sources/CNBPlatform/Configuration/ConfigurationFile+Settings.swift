import CNBSpec
import Diagnostics
import OCIImage
import OCIRegistry
import TOML

// The settings that `tote config` changes, by the names that they have in the file (L-5).
extension ConfigurationFile {
    /// Nil takes the setting away. Returns what it was.
    @discardableResult
    package func setDefaultBuilder(_ builder: String?) throws -> String? {
        try change { document in Self.replace("default-builder-image", builder, in: &document) }
    }

    @discardableResult
    package func setPullPolicy(_ policy: PullPolicy?) throws -> String? {
        try change { document in Self.replace("pull-policy", policy?.description, in: &document) }
    }

    /// `registry` is a host or `*`; a mirror of nil takes the entry away. Returns what it was.
    @discardableResult
    package func setRegistryMirror(of registry: String, _ mirror: String?) throws -> String? {
        if let mirror {
            try Self.checkRegistry(registry)
            try RegistryConfiguration.checkMirror(mirror)
        }
        return try change { document in
            var mirrors = Self.table("registry-mirrors", in: document)
            let old = Self.replace(registry, mirror, in: &mirrors)
            document["registry-mirrors"] = mirrors.isEmpty ? nil : .table(mirrors)
            return old
        }
    }

    /// Adds mirrors of a run image behind those it has.
    package func addRunImageMirrors(of image: String, _ mirrors: [String]) throws {
        for name in [image] + mirrors { _ = try Reference(parsing: name) }
        try changeRunImages { images in
            let index = images.firstIndex { $0.image == image } ?? images.endIndex
            if index == images.endIndex { images.append(RunImage(image: image)) }
            for mirror in mirrors where !images[index].mirrors.contains(mirror) { images[index].mirrors.append(mirror) }
        }
    }

    /// Takes these mirrors away, or all of them when none are named. False when the run image has none.
    package func removeRunImageMirrors(of image: String, _ mirrors: [String]) throws -> Bool {
        try changeRunImages { images in
            guard let index = images.firstIndex(where: { $0.image == image }) else { return false }
            images[index].mirrors.removeAll { mirrors.isEmpty || mirrors.contains($0) }
            if images[index].mirrors.isEmpty { images.remove(at: index) }
            return true
        }
    }

    private func changeRunImages<Result>(_ body: (inout [RunImage]) throws -> Result) throws -> Result {
        let key = "run-images"
        return try change { document in
            var tables: [TOMLTable] = []
            if case .array(let elements)? = document[key] {
                tables = elements.compactMap { if case .table(let table) = $0 { table } else { nil } }
            }
            var images = tables.map { RunImage(image: Self.text("image", in: $0) ?? "", mirrors: Self.texts("mirrors", in: $0)) }
            let result = try body(&images)
            let changed = images.map { image -> TOMLValue in
                // What else stands in an entry stays there.
                var table = tables.first { Self.text("image", in: $0) == image.image } ?? TOMLTable([("image", .string(image.image))])
                if Self.texts("mirrors", in: table) != image.mirrors { table["mirrors"] = .array(image.mirrors.map(TOMLValue.string)) }
                return .table(table)
            }
            document[key] = changed.isEmpty ? nil : .array(changed)
            return result
        }
    }

    private static func checkRegistry(_ host: String) throws {
        guard host != "*", !["docker.io", "index.docker.io", "registry-1.docker.io"].contains(host) else { return }
        // What has no dot and no port is read as a part of Docker Hub.
        guard let reference = try? Reference(parsing: host + "/image"), reference.repository == "image",
            reference.registry != Reference.dockerHub
        else { throw Fault("'\(host)' is not the host of a registry", hint: "write it as HOST or HOST:PORT, or '*' for every registry") }
    }

    private static func replace(_ key: String, _ value: String?, in table: inout TOMLTable) -> String? {
        defer { table[key] = value.map(TOMLValue.string) }
        return text(key, in: table)
    }

    private static func text(_ key: String, in table: TOMLTable) -> String? {
        if case .string(let text)? = table[key] { text } else { nil }
    }

    private static func texts(_ key: String, in table: TOMLTable) -> [String] {
        guard case .array(let elements)? = table[key] else { return [] }
        return elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    private static func table(_ key: String, in document: TOMLTable) -> TOMLTable {
        if case .table(let table)? = document[key] { table } else { TOMLTable() }
    }
}
