import CLinux
import Glibc

/// The process that stays outside: it stands for the one inside towards the shell, the terminal and the caller.
struct Supervisor {
    let child: pid_t

    /// What is passed on. SIGTSTP and SIGCONT stop and continue both sides.
    private static let passedOn = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH]

    /// Blocks everything that the supervisor waits for, and says what was blocked before.
    static func blockSignals() -> sigset_t {
        var waited = waitedFor, before = sigset_t()
        sigprocmask(SIG_BLOCK, &waited, &before)
        return before
    }

    static func restoreSignals(_ before: sigset_t) {
        var before = before
        sigprocmask(SIG_SETMASK, &before, nil)
    }

    private static var waitedFor: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in passedOn + [SIGCHLD, SIGTSTP, SIGCONT] { sigaddset(&set, signal) }
        return set
    }

    /// Waits for the child and ends with its status; 128 and the signal's number when a signal killed it.
    func run() -> Never {
        var waited = Self.waitedFor
        while true {
            var info = siginfo_t()
            let signal = sigwaitinfo(&waited, &info)
            guard signal > 0 else { continue }
            switch signal {
            case SIGCHLD: endIfChildEnded()
            case SIGTSTP: stopBoth()
            case SIGCONT: kill(child, SIGCONT)
            default:
                // What the terminal sends goes to the whole process group: the child has it already.
                if info.si_code != Self.sentByKernel { kill(child, signal) }
            }
        }
    }

    /// SI_KERNEL
    private static let sentByKernel: Int32 = 0x80

    private func endIfChildEnded() {
        var status: Int32 = 0
        guard waitpid(child, &status, WNOHANG) == child else { return }
        let signal = status & 0x7f
        _exit(signal == 0 ? (status >> 8) & 0xff : 128 + signal)
    }

    /// Control-Z: process 1 of a namespace is deaf to SIGTSTP, but not to SIGSTOP from outside.
    private func stopBoth() {
        kill(child, SIGSTOP)
        kill(getpid(), SIGSTOP)
        // Running again: somebody sent SIGCONT, which may have come before it was waited for.
        kill(child, SIGCONT)
    }
}
