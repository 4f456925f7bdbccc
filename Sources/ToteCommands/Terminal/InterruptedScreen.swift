import Glibc

/// Signals that end the process take the live region with them.
enum InterruptedScreen {
    /// For processes that do not handle these signals otherwise.
    static func install() {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            var action = sigaction()
            // The effect of the signal is the usual one, right after the handler.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            action.__sigaction_handler.sa_handler = { number in
                let erasure = LiveRegion.erasure
                _ = write(STDERR_FILENO, erasure.utf8Start, erasure.utf8CodeUnitCount)
                raise(number)
            }
            sigaction(number, &action, nil)
        }
    }
}
