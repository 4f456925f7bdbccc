/// Where a distribution publishes its packages for everybody.
enum PublicArchive {
    private static let debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    private static let ubuntuKeyring = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"
    /// Suites that have neither updates nor security fixes of their own.
    private static let rolling: Set<String> = ["sid", "unstable", "experimental"]
    private static let ubuntuSuites: Set<String> = ["focal", "jammy", "noble", "questing", "resolute"]

    static func isUbuntu(suite: String) -> Bool { ubuntuSuites.contains(suite) }

    /// Everything that isn't known as Ubuntu's is Debian's. `architecture` is dpkg's word.
    static func sources(suite: String, architecture: String) -> [AptSource] {
        if isUbuntu(suite: suite) {
            let ports = !["amd64", "i386"].contains(architecture)
            let archive = ports ? "http://ports.ubuntu.com/ubuntu-ports" : "http://archive.ubuntu.com/ubuntu"
            let security = ports ? archive : "http://security.ubuntu.com/ubuntu"
            return [
                AptSource(uris: [archive], suites: [suite, "\(suite)-updates"], signedBy: ubuntuKeyring),
                AptSource(uris: [security], suites: ["\(suite)-security"], signedBy: ubuntuKeyring),
            ]
        }
        let archive = "http://deb.debian.org/debian"
        if rolling.contains(suite) { return [AptSource(uris: [archive], suites: [suite], signedBy: debianKeyring)] }
        return [
            AptSource(uris: [archive], suites: [suite, "\(suite)-updates"], signedBy: debianKeyring),
            AptSource(uris: ["\(archive)-security"], suites: ["\(suite)-security"], signedBy: debianKeyring),
        ]
    }
}
