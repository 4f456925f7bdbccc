import Archive
import CNBSpec
import Diagnostics
import OCIImage

/// What the system of a base is, read from its own files.
struct BaseSystem: Equatable {
    /// `debian`
    var distro: String
    /// `12`; nil for a release in the making.
    var version: String?
    /// `bookworm`
    var suite: String
    var prettyName: String
    var platform: Platform

    init(release: OSRelease, architecture: String, suite: String) {
        distro = release.id ?? "linux"
        version = release.version
        self.suite = suite
        prettyName = release.prettyName ?? "\(distro) \(suite)"
        platform = DebianArchitecture.platform(architecture)
    }

    /// The same for every base that tote makes of the suite, wherever and with whatever packages: such bases stand in for each other.
    var baseID: String { "org.tote.\(distro).\(suite)" }
}

/// The image configs of a base (H-25, B-18).
enum BaseConfig {
    static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Without layers. Stack id and its variable are for platforms that still ask for them, pack among them.
    static func config(_ kind: BaseImageKind, system: BaseSystem, user: BaseUser) -> ImageConfig {
        var config = ImageConfig(platform: system.platform)
        config.created = created
        config.settings.user = user.userAndGroup
        config.settings.command = [user.shell]
        config.settings.environment = ["PATH=\(path)"]
        if kind == .build {
            config.settings.environment += ["CNB_USER_ID=\(user.id)", "CNB_GROUP_ID=\(user.group)", "CNB_STACK_ID=\(system.baseID)"]
        }
        config.settings.labels = [
            LabelName.baseID: system.baseID,
            LabelName.distroName: system.distro,
            LabelName.basePrefix + "description": "\(system.prettyName), \(kind.rawValue) image",
            LabelName.basePrefix + "maintainer": "tote",
            LabelName.stackID: system.baseID,
        ]
        if let version = system.version { config.settings.labels[LabelName.distroVersion] = version }
        return config
    }

    static func history(_ kind: BaseImageKind, system: BaseSystem) -> History {
        History(created: created, createdBy: "tote base create: \(system.prettyName), \(kind.rawValue) image")
    }

    private static var created: String { Timestamp.text(secondsSince1970: layerTimestamp) }
}
