import Glibc

/// What to tell a person whose kernel or container forbids the namespaces that tote needs.
struct NamespaceAdvice: Equatable {
    /// kernel.unprivileged_userns_clone (Debian's switch)
    var unprivilegedClone: String?
    /// user.max_user_namespaces
    var maximum: String?
    /// kernel.apparmor_restrict_unprivileged_userns (Ubuntu 23.10 and newer)
    var appArmor: String?
    var isRoot: Bool
    /// Whether a seccomp filter is on this process, as in a container.
    var isFiltered: Bool
    /// The absolute path of this program.
    var executable: String

    /// Reads the settings of this machine.
    static func current() -> NamespaceAdvice {
        func setting(_ path: String) -> String? { SmallFile.read(path).map { String($0.prefix { !$0.isNewline }) } }
        let status = SmallFile.read("/proc/self/status") ?? ""
        return NamespaceAdvice(
            unprivilegedClone: setting("/proc/sys/kernel/unprivileged_userns_clone"),
            maximum: setting("/proc/sys/user/max_user_namespaces"),
            appArmor: setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"), isRoot: getuid() == 0,
            isFiltered: status.split(separator: "\n").contains { $0.hasPrefix("Seccomp:") && !$0.hasSuffix("0") }, executable: ownPath)
    }

    private static var ownPath: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count - 1))
        return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The next step for a person.
    var hint: String {
        if unprivilegedClone == "0", !isRoot {
            return "this kernel forbids user namespaces to ordinary users: `sudo sysctl -w kernel.unprivileged_userns_clone=1` allows them"
        }
        if maximum == "0" {
            return "this kernel allows no user namespaces at all: `sudo sysctl -w user.max_user_namespaces=15000` allows them"
        }
        if appArmor == "1", !isRoot {
            return """
                AppArmor keeps user namespaces from programs it does not know (kernel.apparmor_restrict_unprivileged_userns); allow them to tote:
                  printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile tote \(executable) flags=(unconfined) { userns, }\\n' | sudo tee /etc/apparmor.d/tote
                  sudo apparmor_parser -r /etc/apparmor.d/tote
                or to every program: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`
                """
        }
        if isFiltered {
            return
                "this looks like a container that forbids namespaces: start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
                + "--security-opt systempaths=unconfined`, or run tote outside of it"
        }
        return isRoot
            ? "root here lacks CAP_SYS_ADMIN, and user namespaces are forbidden too: run tote outside of this container, or give the container CAP_SYS_ADMIN"
            : "`unshare --user --map-root-user true` must work for this user; something here (a security module, a container) forbids it"
    }

    /// What to install, when newuidmap or newgidmap is missing.
    static var missingMapper: String? {
        let missing = ["newuidmap", "newgidmap"].filter { ProgramSearch.find($0) == nil }
        return missing.isEmpty
            ? nil : "install \(missing.joined(separator: " and ")): `sudo apt-get install uidmap` (shadow-utils on Fedora)"
    }
}
