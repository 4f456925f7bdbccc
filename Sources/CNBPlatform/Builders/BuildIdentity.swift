package import Diagnostics
package import OCIImage

/// Who buildpacks run as: what a build image must say (H-25).
package struct BuildIdentity: Equatable, Sendable {
    package var user: UInt32
    package var group: UInt32

    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }

    /// From `CNB_USER_ID` and `CNB_GROUP_ID`. `name` is what messages call the image.
    package init(_ image: Image, name: String) throws(Fault) {
        func id(_ variable: String) throws(Fault) -> UInt32 {
            guard let text = image.config.settings.environment(variable) else {
                throw Fault(
                    "'\(name)' cannot be built in: it does not set the variable \(variable)",
                    hint: "name a build image or builder: they set \(variable) and are not run as root")
            }
            guard let id = UInt32(text), id < UInt32.max else {
                throw Fault("'\(name)' cannot be built in: \(variable) is '\(text)', not a number")
            }
            return id
        }
        user = try id("CNB_USER_ID")
        group = try id("CNB_GROUP_ID")
        guard user != 0 else {
            throw Fault("'\(name)' would run buildpacks as root: its CNB_USER_ID is 0", hint: "use another build image")
        }
    }
}
