import Archive
import Diagnostics
import Glibc
import Sandbox

extension ProbeTask {
    func runCommand(_ options: ProbeOptions, _ mode: NamespaceMode) async throws -> Int32 {
        let runtime = try RuntimeChoice.runtime(named: options.last("runtime"))
        let scratch = try BuildScratch(in: options.required("scratch"))
        let root = try SandboxRoot(lowers: options.all("lower"), scratch: scratch.path, mode: mode)
        for bind in options.all("bind") {
            let parts = bind.split(separator: ":").map(String.init)
            try root.bind(parts[0], at: parts[1], readOnly: parts.count > 2)
        }
        var command = SandboxCommand(arguments: options.command, user: options.number("uid") ?? 1000, group: options.number("gid") ?? 1000)
        command.environment = ["PATH=/bin:/usr/bin"] + options.all("env")
        if let path = options.last("ca") {
            let certificates = try ExtraCertificates(bundle: path)
            try certificates.add(to: root)
            command.environment += certificates.environment
        }
        command.workingDirectory = options.last("directory") ?? "/"
        command.network = options.has("no-network") ? .none : .host
        command.terminal = options.has("terminal")
        command.standardInput = options.has("input") || options.has("terminal") ? .inherit : .null
        command.readOnlyPaths = options.all("read-only")

        let exit = try await end(of: command, in: root, by: runtime, options)
        for path in options.all("show") { say(try String(decoding: root.directory.read(path), as: UTF8.self)) }
        if options.has("keep") { _ = system("cat /proc/self/mountinfo >&2") }
        root.close()
        try scratch.remove()
        if case .notStarted(let reason) = exit.status { say("not started: \(reason)") }
        if case .signalled(let signal) = exit.status { say("signal: \(signal)") }
        return exit.code
    }

    private func end(
        of command: SandboxCommand, in root: SandboxRoot, by runtime: any SandboxRuntime, _ options: ProbeOptions
    ) async throws -> SandboxExit {
        let output: SandboxOutput =
            if options.has("lines") { .lines { say("\($0.stream == .standardOutput ? 1 : 2):\($0.text)") } } else if options.has("capture")
            { .capture } else { .inherit }
        let signals = Namespace.signals()
        if options.has("forward") { return try await runtime.run(command, in: root, output: output, signals: signals) }
        let work = Task { try await runtime.run(command, in: root, output: output) }
        let canceller = Task { for await signal in signals where signal != SIGWINCH { work.cancel() } }
        defer { canceller.cancel() }
        if let delay = options.number("cancel-after") {
            Task {
                try await Task.sleep(for: .milliseconds(delay))
                work.cancel()
            }
        }
        do {
            let exit = try await work.value
            if options.has("capture") { say("captured \(exit.standardOutput.count) and \(exit.standardError.count) bytes") }
            return exit
        } catch is CancellationError {
            say("cancelled")
            // Everything that ran must be dead and reaped by now.
            let others = try ConfinedDirectory("/proc").names("").filter { pid_t($0.string) != nil && $0.string != String(getpid()) }
            say("processes left: \(others.count)")
            return SandboxExit(status: .exited(77))
        }
    }
}
