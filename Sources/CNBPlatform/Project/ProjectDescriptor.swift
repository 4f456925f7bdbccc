package import Diagnostics
package import TOML

/// What a `project.toml` says, whichever of the schemas it is written in.
package struct ProjectDescriptor: Equatable, Sendable {
    package var schema: ProjectSchema
    /// The folder of the descriptor, which relative `uri`s start from.
    package var directory: String
    package var project = ProjectInformation()
    package var builder: String?
    package var builderLocation: SourceLocation?
    package var include: [String] = []
    package var exclude: [String] = []
    /// What replaces the builder's order.
    package var group: [BuildpackEntry] = []
    /// What comes before each group of the builder's order, in listed order.
    package var pre: [BuildpackEntry] = []
    package var post: [BuildpackEntry] = []
    package var environment: [EnvironmentEntry] = []

    package init(schema: ProjectSchema, directory: String) {
        self.schema = schema
        self.directory = directory
    }

    package var filter: AppFilter { AppFilter(include: include, exclude: exclude) }
}

/// What the descriptor says about the project itself: `[project]` of schema 0.1, `[_]` of the others.
package struct ProjectInformation: Equatable, Sendable {
    package struct License: Equatable, Sendable {
        package var type: String?
        package var uri: String?
    }

    package var id: String?
    package var name: String?
    package var version: String?
    package var authors: [String] = []
    package var documentationURL: String?
    package var sourceURL: String?
    package var licenses: [License] = []
    /// Free form: `[metadata]` or `[_.metadata]`.
    package var metadata: TOMLTable?

    package init() {}
}

/// One buildpack that the descriptor names or holds. Empty strings count as absent.
package struct BuildpackEntry: Equatable, Sendable {
    package struct Script: Equatable, Sendable {
        package var api: String?
        package var inline: String?
        package var shell: String?
        package var location: SourceLocation?
        package var apiLocation: SourceLocation?
        package var shellLocation: SourceLocation?

        package init(api: String? = nil, inline: String? = nil, shell: String? = nil) {
            (self.api, self.inline, self.shell) = (api, inline, shell)
        }
    }

    package var id: String?
    package var version: String?
    package var uri: String?
    package var script: Script?
    /// Schema 0.3: the execution environments the entry is for; empty means all.
    package var execEnv: [String] = []
    package var location: SourceLocation?

    package init(id: String? = nil, version: String? = nil, uri: String? = nil, script: Script? = nil) {
        (self.id, self.version, self.uri, self.script) = (id, version, uri, script)
    }

    /// Whether the entry holds its buildpack itself.
    package var isInline: Bool { id != nil && uri == nil && script?.inline != nil }
}

/// One variable of the build: the value is literal.
package struct EnvironmentEntry: Equatable, Sendable {
    package var name: String
    package var value: String
    package var execEnv: [String] = []
    package var location: SourceLocation?

    package init(name: String, value: String) {
        (self.name, self.value) = (name, value)
    }
}
