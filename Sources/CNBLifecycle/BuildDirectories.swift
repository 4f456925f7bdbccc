/// Where things are inside a room, and later in the image (0.3).
package struct BuildDirectories: Equatable, Sendable {
    package var layers = "/layers"
    package var app = "/workspace"
    package var platform = "/platform"
    package var buildConfig = "/cnb/build-config"
    package var buildpacks = "/cnb/buildpacks"
    package var extensions = "/cnb/extensions"

    package init(app: String = "/workspace") {
        self.app = app
    }
}
