package import Diagnostics
package import TOML

/// extension.toml (B-8). It has no order, no stacks and no SBOM formats.
package struct ExtensionDescriptor: Equatable, Sendable {
    package var info: ModuleInfo
    package var targets: [Target]
    package var metadata: TOMLTable
    package var unknownKeys: [UnknownKey]

    package init(info: ModuleInfo, targets: [Target] = []) {
        self.info = info
        self.targets = targets
        metadata = TOMLTable()
        unknownKeys = []
    }

    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            guard let table = try reader.table("extension") else { throw reader.error("the table [extension] is missing") }
            let api = try reader.moduleAPI(source)
            var descriptor = Self(
                info: try ModuleInfo(api: api, table: table), targets: try (reader.tables("targets") ?? []).map(Target.read))
            descriptor.metadata = try reader.freeForm("metadata")
            descriptor.unknownKeys = source.unknownKeys(of: reader)
            return descriptor
        }
    }

    package var reference: BuildpackReference { info.reference }

    /// B-24: with a `bin/detect` or `bin/generate` it works on linux, without either on anything (an empty list).
    package func effectiveTargets(hasExecutable: Bool) -> [Target] {
        if !targets.isEmpty { return targets }
        return hasExecutable ? [Target(os: "linux")] : []
    }
}
