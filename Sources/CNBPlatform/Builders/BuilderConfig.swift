package import CNBSpec
package import Diagnostics

/// builder.toml: what a builder is made of (H.5). Paths are as written, relative to the file's folder.
package struct BuilderConfig: Equatable, Sendable {
    /// A `[[buildpacks]]` or `[[extensions]]` entry.
    package struct Module: Equatable, Sendable {
        package var id: BuildpackID?
        package var version: BuildpackVersion?
        /// Where it comes from.
        package var uri: String
        package var location: SourceLocation?
    }

    /// A `[[build.env]]` entry (H-37).
    package struct Variable: Equatable, Sendable {
        package var name: String
        package var value: String
        /// Empty, `default`, `override`, `append` or `prepend`.
        package var suffix: String
        package var delimiter: String
    }

    package var description = ""
    package var buildpacks: [Module] = []
    package var extensions: [Module] = []
    /// As the author wrote it: elements may lack versions.
    package var order = Order()
    package var system = SystemBuildpacks()
    package var targets: [Target] = []
    package var stackID: String?
    /// The name of the build image.
    package var buildImage = ""
    package var variables: [Variable] = []
    /// The default first.
    package var runImages: [RunImage] = []
    /// What is odd but no error.
    package var warnings: [BuilderWarning] = []
}

/// Something about a builder that its author should know.
package struct BuilderWarning: Equatable, Sendable {
    package var message: String
    package var location: SourceLocation?

    package init(_ message: String, at location: SourceLocation? = nil) {
        self.message = message
        self.location = location
    }
}
