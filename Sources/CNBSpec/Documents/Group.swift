package import Diagnostics
import TOML

/// A buildpack or extension that takes part in the build.
package struct GroupElement: Hashable, Sendable {
    package var id: BuildpackID
    package var version: BuildpackVersion
    package var api: APIVersion
    package var homepage: String?

    package init(id: BuildpackID, version: BuildpackVersion, api: APIVersion, homepage: String? = nil) {
        self.id = id
        self.version = version
        self.api = api
        self.homepage = homepage
    }

    package var reference: BuildpackReference { BuildpackReference(id: id, version: version) }
}

extension GroupElement: CustomStringConvertible {
    package var description: String { "\(id)@\(version)" }
}

/// group.toml: what detection chose (B-29).
package struct Group: Hashable, Sendable {
    package var buildpacks: [GroupElement]
    package var extensions: [GroupElement]

    package init(buildpacks: [GroupElement] = [], extensions: [GroupElement] = []) {
        self.buildpacks = buildpacks
        self.extensions = extensions
    }

    /// An empty document is a legal, empty group (C-2). An `api` that is no version has status 12.
    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            func list(_ key: String) throws -> [GroupElement] {
                try (reader.tables(key) ?? []).map { entry in
                    GroupElement(
                        id: try entry.buildpackID(), version: try entry.buildpackVersion(), api: try entry.moduleAPI(source),
                        homepage: try entry.filledString("homepage"))
                }
            }
            return Group(buildpacks: try list("group"), extensions: try list("group-extensions"))
        }
    }

    package func serialized() -> String {
        var document = TOMLTable()
        func add(_ key: String, _ elements: [GroupElement]) {
            guard !elements.isEmpty else { return }
            document[key] = .array(elements.map { .table($0.toml) })
        }
        add("group", buildpacks)
        add("group-extensions", extensions)
        return document.serialized()
    }

    /// V-6, status 12.
    package func requireSupportedAPIs() throws(Fault) {
        for element in buildpacks { try SupportedAPIs.require(buildpackAPI: element.api, of: element.reference, kind: .buildpack) }
        for element in extensions { try SupportedAPIs.require(buildpackAPI: element.api, of: element.reference, kind: .extension) }
    }
}

extension GroupElement {
    /// In the order of keys that the reference writes.
    var toml: TOMLTable {
        var table = TOMLTable([
            ("id", .string(id.raw)), ("version", .string(version.text)), ("api", .string(api.description)),
        ])
        if let homepage { table["homepage"] = .string(homepage) }
        return table
    }
}
