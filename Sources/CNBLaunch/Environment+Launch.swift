extension Environment {
    /// What a launch starts from: the container's variables without those meant for the launcher (E-11), `PATH` without the
    /// launcher's own directories (E-12).
    package static func launchBase(from environment: Environment) -> Environment {
        var base = environment
        for name: ByteText in ["CNB_LAYERS_DIR", "CNB_APP_DIR", "CNB_PROCESS_TYPE", "CNB_PLATFORM_API", "CNB_DEPRECATION_MODE"] {
            base.remove(name)
        }
        if let path = base.value("PATH") {
            let elements = path.split(UInt8(ascii: ":")).filter { $0 != "/cnb/process" && $0 != "/cnb/lifecycle" }
            base.set("PATH", ByteText(bytes: Array(elements.map { $0.bytes }.joined(separator: [UInt8(ascii: ":")]))))
        }
        return base
    }
}
