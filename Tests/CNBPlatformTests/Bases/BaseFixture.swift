import Archive
import Diagnostics
import Glibc
import TestSupport

/// A made-up root file system as mmdebstrap writes it, with all that must not reach an image.
struct FakeRootFilesystem {
    var version = "3.11.2-1"
    /// Varies what the machine, the moment and the order of the tar would change.
    var variant = 0

    static let passwd = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"

    /// Writes the tar.
    func write(to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Fault(system: "opening '\(path)'") }
        defer { close(descriptor) }
        let tar = LayerWriter(.gzip(to: descriptor))
        for entry in variant % 2 == 0 ? entries : reordered {
            var header = entry.header
            header.modified = Int64(1_700_000_000 + variant)
            try tar.append(header, contents: entry.contents)
        }
        _ = try tar.finish()
    }

    private struct Entry {
        var header: TarHeader
        var contents: [UInt8] = []
    }

    private var entries: [Entry] {
        let directories = [
            "dev", "etc", "etc/apt", "etc/apt/sources.list.d", "tmp", "usr", "usr/bin", "usr/lib", "var", "var/lib", "var/lib/dpkg",
            "var/log",
        ]
        let files: [(String, String, UInt32)] = [
            ("etc/passwd", Self.passwd, 0o644), ("etc/group", "root:x:0:\nnogroup:x:65534:\n", 0o644),
            ("etc/shadow", "root:*:\(20_000 + variant):0:99999:7:::\n", 0o640), ("etc/gshadow", "root:*::\n", 0o640),
            ("etc/hostname", "machine-\(variant)\n", 0o644), ("etc/resolv.conf", "nameserver 192.0.2.\(variant)\n", 0o644),
            ("etc/apt/sources.list.d/0000tote.sources", "URIs: http://mirror.example/\n", 0o644),
            (
                "usr/lib/os-release",
                "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n", 0o644
            ),
            ("usr/bin/apt-get", "#!/bin/sh\n", 0o755), ("usr/bin/python3.11", String(repeating: "p", count: 3 << 20), 0o755),
            ("var/lib/dpkg/status", status, 0o644), ("var/lib/dpkg/status-old", "\(variant)", 0o644),
            ("var/log/dpkg.log", "\(variant)", 0o644),
            ("tmp/left-\(variant)", "", 0o600),
        ]
        return directories.map { Entry(header: TarHeader(path: RawPath("./\($0)/"), kind: .directory, mode: $0 == "tmp" ? 0o1777 : 0o755)) }
            + files.map { Entry(header: TarHeader(path: RawPath("./\($0)"), kind: .file, mode: $2), contents: Array($1.utf8)) }
            + [
                Entry(header: TarHeader(path: "./etc/os-release", kind: .symbolicLink, mode: 0o777, linkTarget: "../usr/lib/os-release")),
                Entry(header: TarHeader(path: "./dev/null", kind: .characterDevice, mode: 0o666, deviceMajor: 1, deviceMinor: 3)),
                Entry(header: TarHeader(path: "./usr/bin/a-hard-link", kind: .hardLink, mode: 0o755, linkTarget: "./usr/bin/apt-get")),
            ]
    }

    /// Files before their directories; hard links last, as in every tar.
    private var reordered: [Entry] {
        entries.reversed().filter { $0.header.kind != .hardLink } + entries.filter { $0.header.kind == .hardLink }
    }

    private var status: String {
        """
        Package: python3
        Status: install ok installed
        Architecture: amd64
        Version: \(version)

        Package: removed
        Status: deinstall ok config-files
        Architecture: amd64
        Version: 1

        """
    }
}

/// A program of the name `mmdebstrap` that copies one of two prepared tars to where it was told.
struct FakeMmdebstrap {
    let folder: String

    /// - Parameter script: what it does after it has found out `$kind` and `$target`.
    init(in scratch: ScratchDirectory, script: String) throws {
        folder = scratch.path("bin")
        mkdir(folder, 0o755)
        try scratch.write(
            """
            #!/bin/sh
            case "$*" in *--variant=apt*) kind=build ;; *) kind=run ;; esac
            for argument; do case $argument in *.tar) target=$argument ;; esac; done
            printf '%s\\n' "$@" > "\(scratch.path)/arguments-$kind"
            env > "\(scratch.path)/environment-$kind"
            \(script)
            """, to: "bin/mmdebstrap")
        chmod("\(folder)/mmdebstrap", 0o755)
    }

    var environment: [String: String] {
        ["PATH": "\(folder):/usr/bin:/bin", "SECRET": "not passed", "http_proxy": "http://proxy.example:3128"]
    }
}
