package import CNBSpec
package import OCIImage

extension Image {
    /// What buildpacks are matched against when this image is the base (B-18).
    package var baseTarget: BaseTarget {
        BaseTarget(os: config.os, arch: config.architecture, variant: config.variant ?? "", labels: config.settings.labels)
    }
}
