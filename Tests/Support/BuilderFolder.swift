import Glibc

/// A buildpack of a builder, as a folder for `tote builder create`.
package struct BuilderFolder: Sendable {
    package var id: String
    package var version: String
    /// Shell scripts.
    package var detect: String
    package var build: String
    /// More of buildpack.toml.
    package var more: String
    package var api: String
    package var optional: Bool

    package init(
        _ id: String, version: String = "1.0.0", detect: String = "exit 0", build: String = "exit 0", more: String = "",
        api: String = "0.10",
        optional: Bool = false
    ) {
        self.id = id
        self.version = version
        self.detect = detect
        self.build = build
        self.more = more
        self.api = api
        self.optional = optional
    }

    var folder: String { id.replacing("/", with: "_") + "-" + version }
}

extension ToteCase {
    /// Makes the builder `own` with these buildpacks; by default all of them in one group, in this order.
    package func makeBuilder(_ buildpacks: BuilderFolder..., groups: [[String]]? = nil, system: String = "") async throws {
        var toml = "", order = ""
        for buildpack in buildpacks {
            let folder = "buildpacks/" + buildpack.folder
            try scratch.makeFile(
                folder + "/buildpack.toml",
                "api = \"\(buildpack.api)\"\n[buildpack]\nid = \"\(buildpack.id)\"\nversion = \"\(buildpack.version)\"\n\(buildpack.more)\n"
            )
            try scratch.makeFile(folder + "/bin/detect", "#!/bin/sh\n\(buildpack.detect)\n", mode: 0o755)
            try scratch.makeFile(folder + "/bin/build", "#!/bin/sh\n\(buildpack.build)\n", mode: 0o755)
            toml += "[[buildpacks]]\nuri = \"buildpacks/\(buildpack.folder)\"\n"
        }
        for group in groups ?? [buildpacks.map(\.id)] {
            order += "[[order]]\n"
            for id in group {
                let optional = buildpacks.contains { $0.id == id && $0.optional }
                order += "[[order.group]]\nid = \"\(id)\"\noptional = \(optional)\n"
            }
        }
        try scratch.write(toml + order + system + TinyHome.builder, to: "builder.toml")
        try await giveAway()
        let made = try await tote("builder", "create", "own", "--config", "builder.toml")
        guard made.succeeded else { throw TestSetupError("tote builder create failed: \(made)") }
    }
}
