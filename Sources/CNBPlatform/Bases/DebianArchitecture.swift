import OCIImage

/// dpkg's names of processors in the words of image documents.
enum DebianArchitecture {
    static func platform(_ name: String) -> Platform {
        switch name {
        case "armhf": Platform(os: "linux", architecture: "arm", variant: "v7")
        case "armel": Platform(os: "linux", architecture: "arm", variant: "v5")
        case "i386": Platform(os: "linux", architecture: "386")
        case "ppc64el": Platform(os: "linux", architecture: "ppc64le")
        case "mips64el": Platform(os: "linux", architecture: "mips64le")
        default: Platform(os: "linux", architecture: name)
        }
    }

    /// dpkg's word for the processor of this machine.
    static var host: String { Platform.host.architecture }
}
