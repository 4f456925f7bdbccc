package import Diagnostics
package import TOML

/// A deprecated `[[stacks]]` entry.
package struct Stack: Hashable, Sendable {
    package var id: String
    package var mixins: [String]

    package init(id: String, mixins: [String] = []) {
        self.id = id
        self.mixins = mixins
    }
}

/// buildpack.toml: a component buildpack, or a composite one that only has an order (B.1).
package struct BuildpackDescriptor: Equatable, Sendable {
    package var info: ModuleInfo
    /// Media types of SBOM files that it may write (C-72).
    package var sbomFormats: [String]
    /// The groups of a composite; empty in a component.
    package var order: [OrderGroup]
    package var targets: [Target]
    package var stacks: [Stack]
    /// `[metadata]`, free-form (B-7).
    package var metadata: TOMLTable
    package var unknownKeys: [UnknownKey]

    package init(info: ModuleInfo, order: [OrderGroup] = [], targets: [Target] = [], stacks: [Stack] = [], sbomFormats: [String] = []) {
        self.info = info
        self.order = order
        self.targets = targets
        self.stacks = stacks
        self.sbomFormats = sbomFormats
        metadata = TOMLTable()
        unknownKeys = []
    }

    /// Fails with a place in the file; an `api` that is no version has status 12 (V-6).
    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            guard let table = try reader.table("buildpack") else { throw reader.error("the table [buildpack] is missing") }
            let api = try reader.moduleAPI(source)
            var descriptor = Self(
                info: try ModuleInfo(api: api, table: table), order: try OrderGroup.read(reader, "order"),
                targets: try (reader.tables("targets") ?? []).map(Target.read), stacks: try Self.stacks(reader),
                sbomFormats: try table.strings("sbom-formats") ?? [])
            descriptor.metadata = try reader.freeForm("metadata")
            descriptor.unknownKeys = source.unknownKeys(of: reader)
            return descriptor
        }
    }

    package var isComposite: Bool { !order.isEmpty }
    package var reference: BuildpackReference { info.reference }

    /// What it works on when nothing is said: old stacks count as targets (B-21), a `bin/build` as linux (B-24).
    /// Empty means that anything will do.
    package func effectiveTargets(hasBuildExecutable: Bool) -> [Target] {
        if isComposite { return [] }
        if !targets.isEmpty { return targets }
        let fromStacks = stacks.compactMap { stack in
            switch stack.id {
            case "*": Target()
            case "io.buildpacks.stacks.bionic" where info.api >= APIVersion(0, 10) || stacks.count == 1:
                Target(os: "linux", arch: "amd64", distros: [Distro(name: "ubuntu", version: "18.04")])
            default: nil
            }
        }
        if !fromStacks.isEmpty { return fromStacks }
        return hasBuildExecutable ? [Target(os: "linux")] : []
    }

    /// B-4: what packaging refuses.
    package func requirePackageable() throws(Fault) {
        guard isComposite, !targets.isEmpty || !stacks.isEmpty else { return }
        let other = targets.isEmpty ? "stacks" : "targets"
        throw Fault("buildpack '\(reference)' has both an order and \(other)", hint: "a composite buildpack takes them from its components")
    }

    private static func stacks(_ reader: TOMLReader) throws -> [Stack] {
        try (reader.tables("stacks") ?? []).map { Stack(id: try $0.string("id") ?? "", mixins: try $0.strings("mixins") ?? []) }
    }
}

extension TOMLReader {
    /// The `api` of a descriptor.
    func moduleAPI(_ source: DocumentSource) throws -> APIVersion {
        try source.withStatus(.buildpackAPI) {
            let text = try requiredString("api")
            guard let api = APIVersion(text) else { throw error(at: "api", "parse buildpack API '\(text)': not a version such as '0.12'") }
            return api
        }
    }
}
