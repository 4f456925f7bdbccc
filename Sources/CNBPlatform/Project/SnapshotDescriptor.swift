import Diagnostics
import Glibc

/// An open file or folder that closes with its last owner.
final class SnapshotDescriptor {
    let number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    /// Opens for reading. Never waits for the other end of a pipe.
    init(opening name: UnsafePointer<CChar>, in directory: Int32, flags: Int32, shown: @autoclosure () -> String) throws {
        number = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags)
        guard number >= 0 else { throw SnapshotFault.reading(shown(), code: errno) }
    }

    deinit {
        if number >= 0 { close(number) }
    }

    func status(shown: @autoclosure () -> String) throws -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw SnapshotFault.reading(shown(), code: errno) }
        return status
    }
}

/// Errors of copying an app's folder; paths are relative to it.
enum SnapshotFault {
    static func reading(_ path: String, code: Int32) -> Fault {
        switch code {
        case ENOENT: vanished(path)
        case ELOOP, ENOTDIR: changed(path)
        case EACCES, EPERM:
            Fault(
                system: "reading '\(path)' in the app's folder", code: code,
                hint: "make it readable for you, or leave it out with 'exclude' in project.toml")
        case EMFILE, ENFILE:
            Fault(
                system: "reading '\(path)' in the app's folder", code: code,
                hint: "the folders may be nested too deeply; raise the limit of open files with 'ulimit -n 4096'")
        default: Fault(system: "reading '\(path)' in the app's folder", code: code)
        }
    }

    static func vanished(_ path: String) -> Fault {
        Fault(
            "'\(path)' vanished while the app's folder was being copied",
            hint: "run the build again when nothing else changes the folder, or leave the file out with 'exclude' in project.toml")
    }

    static func changed(_ path: String) -> Fault {
        Fault(
            "'\(path)' became something else while the app's folder was being copied",
            hint: "run the build again when nothing else changes the folder")
    }

    static func writing(_ path: String, code: Int32) -> Fault {
        Fault(system: "copying '\(path)' of the app's folder", code: code)
    }
}
