/// The user that buildpacks and apps run as in the bases that tote makes (H-25).
package struct BaseUser: Equatable, Sendable {
    package var name: String
    package var id: UInt32
    package var group: UInt32
    /// Absolute.
    package var home: String
    package var shell: String

    package static let cnb = BaseUser(name: "cnb", id: 1000, group: 1000, home: "/home/cnb", shell: "/bin/bash")

    /// As the image config's `User`.
    package var userAndGroup: String { "\(id):\(group)" }
}
