package import CNBSpec
package import Diagnostics
import OCIImage
import TOML

/// What a new buildpack or extension says about itself, checked.
package struct ModuleRequest: Sendable {
    package var info: ModuleInfo
    package var targets: [Target]
    /// Deprecated, for buildpacks only.
    package var stacks: [String]

    /// `targets` as the user wrote them: `linux/arm64`. Without any, and without stacks, the new module is for this machine's system.
    package init(
        id: String, version: String, api: String, targets: [String] = [], stacks: [String] = [], kind: ModuleKind
    ) throws(Fault) {
        let reference = BuildpackReference(id: try BuildpackID(id), version: try BuildpackVersion(version))
        guard let api = APIVersion(api) else {
            throw Fault("'\(api)' is not a version of the Buildpack API", hint: "write it as in '--api 0.10'")
        }
        try SupportedAPIs.require(buildpackAPI: api, of: reference, kind: kind)
        guard kind == .buildpack || api >= APIVersion(0, 9) else {
            throw Fault("extensions need Buildpack API 0.9 or newer", hint: "write it as in '--api 0.10'")
        }
        guard targets.isEmpty || api >= APIVersion(0, 10) else {
            throw Fault("targets need Buildpack API 0.10 or newer", hint: "use '--api 0.10', or leave --targets out")
        }
        info = ModuleInfo(api: api, reference: reference)
        var parsed: [Target] = []
        for text in targets { parsed.append(try Target(parsing: text)) }
        self.targets = parsed
        self.stacks = stacks
        guard parsed.isEmpty, stacks.isEmpty else { return }
        if api >= APIVersion(0, 10) {
            let host = Platform.host
            self.targets = [Target(os: host.os, arch: host.architecture, variant: host.variant ?? "")]
        } else if kind == .buildpack {
            self.stacks = ["*"]
        }
    }

    /// `buildpack.toml` or `extension.toml`.
    func descriptorText(_ kind: ModuleKind) -> String {
        let reference = info.reference
        var document = TOMLTable([
            ("api", .string(info.api.description)),
            (kind.rawValue, .table(TOMLTable([("id", .string(reference.id.raw)), ("version", .string(reference.version.text))]))),
        ])
        if !targets.isEmpty { document["targets"] = .array(targets.map { .table($0.toml) }) }
        if !stacks.isEmpty { document["stacks"] = .array(stacks.map { .table(TOMLTable([("id", .string($0))])) }) }
        return document.serialized()
    }
}

extension Target {
    fileprivate var toml: TOMLTable {
        var table = TOMLTable()
        for (key, value) in [("os", os), ("arch", arch), ("variant", variant)] where !value.isEmpty { table[key] = .string(value) }
        let named = distros.map { TOMLValue.table(TOMLTable([("name", .string($0.name)), ("version", .string($0.version))])) }
        if !named.isEmpty { table["distros"] = .array(named) }
        return table
    }
}
