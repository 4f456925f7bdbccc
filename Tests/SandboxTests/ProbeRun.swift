import Archive
import Glibc

@testable import Sandbox

/// Who runs a test.
enum Caller: String, CaseIterable, Sendable, CustomStringConvertible {
    case root
    /// An ordinary user with subordinate ids.
    case mapped
    /// An ordinary user without.
    case single

    /// Those that can be had here: all of them as root, else the user who runs the tests, whatever ids that one has.
    static var available: [Caller] {
        guard getuid() == 0 else {
            return [SubordinateIDs(of: .current()) == nil || NamespaceAdvice.missingMapper != nil ? .single : .mapped]
        }
        return TestUser.shared == nil ? [.root, .single] : allCases
    }

    /// The id that a process of this caller has, to give files to.
    var id: UInt32 {
        guard getuid() == 0 else { return getuid() }
        return switch self {
        case .root: 0
        case .mapped: TestUser.shared?.id ?? 0
        // No account has it, so nobody lent it subordinate ids.
        case .single: 54321
        }
    }

    /// What to put before a command line.
    var prefix: [String] {
        guard getuid() == 0, self != .root else { return [] }
        return ["/usr/bin/setpriv", "--reuid", String(id), "--regid", String(id), "--clear-groups"]
    }

    var description: String { rawValue }
}

/// An account with subordinate ids, made for this run of the tests and removed at its end.
struct TestUser: Sendable {
    let name: String
    let id: UInt32

    static let shared: TestUser? = {
        guard getuid() == 0, let add = ProgramSearch.find("useradd"), ProgramSearch.find("userdel") != nil,
            NamespaceAdvice.missingMapper == nil
        else { return nil }
        let name = "totetest\(getpid())"
        _ = system("\(add) --no-create-home --user-group --shell /bin/sh \(name) >/dev/null 2>&1")
        guard let entry = getpwnam(name) else { return nil }
        atexit { _ = system("userdel totetest\(getpid()) >/dev/null 2>&1") }
        let user = TestUser(name: name, id: entry.pointee.pw_uid)
        return SubordinateIDs(of: OutsideUser(name: name, id: user.id)) == nil ? nil : user
    }()
}

/// A folder for one test with a root file system of busybox in it, removed with everything in it.
final class ProbeRun: Sendable {
    let folder: String
    let caller: Caller
    var root: String { folder + "/busybox" }
    var scratch: String { folder + "/tmp" }

    static let missing: String? = {
        if access("/bin/busybox", X_OK) != 0 { return "busybox-static is not installed" }
        if getuid() == 0, access("/usr/bin/setpriv", X_OK) != 0 { return "setpriv is not installed" }
        return nil
    }()

    init(_ caller: Caller) throws {
        self.caller = caller
        folder = try UniqueFolder.create(in: "/tmp", prefix: "tote-sandbox-test-", mode: 0o755)
        chmod(folder, 0o755)
        let applets =
            "ash cat chmod cut dd echo env false grep head hostname id kill ls mkdir mount ps rm sed seq sh sleep sort stty tail test touch tr true umask unshare wc yes"
        let script = """
            set -e; cd '\(folder)'; mkdir -p busybox/bin busybox/etc/ssl/certs busybox/tmp busybox/cnb busybox/workspace
            cp /bin/busybox busybox/bin/busybox; cp '\(Self.executable)' probe; chmod 755 probe
            for applet in \(applets); do ln -s busybox busybox/bin/$applet; done
            echo old > busybox/etc/ssl/certs/ca-certificates.crt; chmod 1777 busybox/tmp
            chown -R \(caller.id):\(caller.id) . 2>/dev/null || true
            """
        guard system(script) == 0 else { throw Broken() }
    }

    struct Broken: Error {}

    deinit { _ = system("rm -rf '\(folder)'") }

    /// Runs a shell script of the test's own, as the tests' user.
    func shell(_ script: String) { _ = system("cd '\(folder)' && { \(script)\n}") }

    /// Gives everything in the folder to the caller.
    func giveAway() { shell("chown -R \(caller.id):\(caller.id) .") }

    func arguments(_ task: String, _ options: [String] = [], _ command: [String] = []) -> [String] {
        caller.prefix + [folder + "/probe", task] + options + (command.isEmpty ? [] : ["--"] + command)
    }

    /// Runs the probe to its end.
    func probe(_ task: String, _ options: [String] = [], _ command: [String] = []) async throws -> Answer {
        Answer(try await ChildProcess(arguments: arguments(task, options, command), output: .capture).end())
    }

    /// Runs a shell line in the sandbox.
    func sandbox(_ line: String, _ options: [String] = []) async throws -> Answer {
        try await probe("run", ["--scratch", scratch, "--lower", root] + options, ["/bin/sh", "-c", line])
    }

    struct Answer: CustomStringConvertible {
        var code: Int32
        var out: String
        var error: String
        var lines: [String] {
            out.split(separator: "\n", omittingEmptySubsequences: false).dropLast(out.hasSuffix("\n") ? 1 : 0).map(String.init)
        }
        var description: String { "\(code): \(out.debugDescription) \(error.debugDescription)" }

        init(_ exit: SandboxExit) {
            code = exit.code
            out = String(decoding: exit.standardOutput, as: UTF8.self)
            error = String(decoding: exit.standardError, as: UTF8.self)
        }
    }

    /// The probe is built next to the test runner.
    private static let executable: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count - 1))
        let runner = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return runner.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/sandbox-probe"
    }()
}

/// A runtime for one caller.
struct Setup: CustomStringConvertible, Sendable {
    var caller: Caller
    var runtime: RuntimeChoice

    /// Every pair that works on this machine.
    static let all: [Setup] = {
        if ProbeRun.missing != nil { return [] }
        return Caller.available.flatMap { caller in
            RuntimeChoice.allCases.filter { ProgramSearch.find($0.rawValue) != nil && !(caller == .single && $0 == .runc) }
                .map { Setup(caller: caller, runtime: $0) }
        }
    }()

    var options: [String] { ["--runtime", runtime.rawValue] }
    var description: String { "\(caller), \(runtime)" }
}

/// The names in a folder; none when it does not exist.
func ls(_ path: String) throws -> [String] {
    guard access(path, F_OK) == 0 else { return [] }
    return try ConfinedDirectory(path).names("").map(\.string)
}
