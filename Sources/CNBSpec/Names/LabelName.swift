/// The image labels of the spec (Appendix 2).
package enum LabelName {
    package static let lifecycleMetadata = "io.buildpacks.lifecycle.metadata"
    package static let buildMetadata = "io.buildpacks.build.metadata"
    package static let projectMetadata = "io.buildpacks.project.metadata"
    package static let execEnv = "io.buildpacks.exec-env"
    package static let rebasable = "io.buildpacks.rebasable"
    package static let cacheMetadata = "io.buildpacks.lifecycle.cache.metadata"

    /// Every label of a base image begins with this; rebase synchronises them (F-11).
    package static let basePrefix = "io.buildpacks.base."
    package static let baseID = "io.buildpacks.base.id"
    package static let distroName = "io.buildpacks.base.distro.name"
    package static let distroVersion = "io.buildpacks.base.distro.version"

    package static let stackPrefix = "io.buildpacks.stack."
    package static let stackID = "io.buildpacks.stack.id"
    package static let stackMixins = "io.buildpacks.stack.mixins"

    package static let builderMetadata = "io.buildpacks.builder.metadata"
    package static let buildpackLayers = "io.buildpacks.buildpack.layers"
    package static let buildpackOrder = "io.buildpacks.buildpack.order"
    package static let extensionOrder = "io.buildpacks.buildpack.order-extensions"
    package static let systemBuildpacks = "io.buildpacks.buildpack.system"
    package static let extensionLayers = "io.buildpacks.extension.layers"
    package static let extensionMetadata = "io.buildpacks.extension.metadata"
    package static let buildpackageMetadata = "io.buildpacks.buildpackage.metadata"
    package static let lifecycleAPIs = "io.buildpacks.lifecycle.apis"
    package static let lifecycleVersion = "io.buildpacks.lifecycle.version"
}
