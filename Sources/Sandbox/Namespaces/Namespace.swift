import CLinux
import Diagnostics
import Glibc

/// The namespaces that a whole run of tote lives in: mounts and processes of its own, and users of its own for an ordinary user.
package enum Namespace {
    /// Moves on inside new namespaces. Call it in a process with one thread, before anything concurrent exists.
    ///
    /// This process stays outside as the supervisor: it passes signals on, ends with the status of the one inside, and never returns from here.
    /// What returns is a child of it, the first process (1) of a new process namespace, with its own /proc and with mounts that nobody else
    /// sees. When the supervisor dies, however that happens, everything inside is killed, and the mounts are gone with it.
    ///
    /// Read ``signals()`` inside: process 1 does not die of a signal by itself.
    ///
    /// - Parameter descriptors: what only the process inside keeps open.
    package static func enter(closingOutside descriptors: [Int32] = []) throws -> NamespaceMode {
        let mode = try separate()
        guard clinux_mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0 else {
            throw forbidden("making the mounts private")
        }
        try fork(closingOutside: descriptors)
        guard clinux_mount("proc", "/proc", "proc", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), nil) == 0 else {
            let code = errno
            throw Fault(
                system: "mounting a new /proc", code: code,
                hint: code == EPERM || code == EACCES
                    ? "a container around tote that hides parts of /proc must be started with `--security-opt systempaths=unconfined` (podman: `unmask=ALL`)"
                    : nil)
        }
        return mode
    }

    /// The signals that ask this run to end or that a program inside may want to have: SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH.
    /// Only after ``enter()``, and for one reader at a time.
    package static func signals() -> AsyncStream<Int32> { SignalPipe.shared.signals() }

    private static func separate() throws -> NamespaceMode {
        if geteuid() == 0 {
            if clinux_unshare(CLINUX_CLONE_NEWNS | CLINUX_CLONE_NEWPID) == 0 { return .root }
            guard errno == EPERM else { throw Fault(system: "creating mount and process namespaces") }
        }
        return try UserNamespace.enter(together: CLINUX_CLONE_NEWNS | CLINUX_CLONE_NEWPID)
    }

    /// The error for a refusal that a setting of this machine explains.
    static func forbidden(_ action: String) -> Fault {
        let code = errno
        return Fault(system: action, code: code, hint: NamespaceAdvice.current().hint)
    }

    /// Returns in the child only.
    private static func fork(closingOutside descriptors: [Int32]) throws {
        // What is buffered would be written by both.
        fflush(nil)
        // Held open for writing by the supervisor alone: its end is the end of the supervisor.
        let lifeline = try Pipe()
        let before = Supervisor.blockSignals()
        let child = clinux_fork()
        guard child >= 0 else { throw Fault(system: "starting a process in the new namespace") }
        guard child == 0 else {
            lifeline.closeReading()
            for descriptor in descriptors { close(descriptor) }
            Supervisor(child: child).run()
        }
        lifeline.closeWriting()
        _ = clinux_set_parent_death_signal(SIGKILL)
        // A supervisor that died before the line above will not send that signal any more.
        if lifeline.isHungUp { _exit(128 + SIGKILL) }
        lifeline.closeReading()
        SignalPipe.shared.install()
        Supervisor.restoreSignals(before)
    }
}
