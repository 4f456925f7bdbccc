import Archive
import Diagnostics
import Glibc
import Sandbox

enum ProbeTask: String {
    /// Tells the mode.
    case mode
    /// Ends with an error where only one id exists.
    case manyIDs = "many-ids"
    /// Runs a command in an overlay of the `--lower` directories.
    case run
    /// Unpacks `--blob` with `--diff-id` into `--rootfs` and prints where.
    case unpack
    /// Creates a scratch folder in `--scratch`, prints it and waits for a signal.
    case hold
    /// Sweeps `--scratch`.
    case sweep
    /// Runs the command outside of any sandbox, but inside the namespaces.
    case inside

    func run(_ options: ProbeOptions, _ mode: NamespaceMode) async throws -> Int32 {
        switch self {
        case .mode: show(mode)
        case .manyIDs: try mode.requireManyIDs(for: "making a base image")
        case .run: return try await runCommand(options, mode)
        case .unpack: try unpack(options, mode)
        case .hold: try await hold(options)
        case .sweep: try BuildScratch.sweep(options.required("scratch"))
        case .inside: return inside(options)
        }
        return 0
    }

    private func show(_ mode: NamespaceMode) {
        let name =
            switch mode {
            case .root: "root"
            case .mapped: "mapped"
            case .single: "single"
            }
        print("\(name) pid \(getpid()) uid \(getuid()) gid \(getgid())")
    }

    private func unpack(_ options: ProbeOptions, _ mode: NamespaceMode) throws {
        guard let layer = DiffID(try options.required("diff-id")) else { throw Fault("not a DiffID") }
        let store = try RootFilesystems(at: options.required("rootfs"), mode: mode)
        try store.unpack(layer, blob: options.required("blob"))
        print(store.path(of: layer))
    }

    private func hold(_ options: ProbeOptions) async throws {
        let scratch = try BuildScratch(in: options.required("scratch"))
        say(scratch.path)
        for await signal in Namespace.signals() {
            say("signal \(signal)")
            break
        }
        try scratch.remove()
    }

    private func inside(_ options: ProbeOptions) -> Int32 {
        let line = options.command.joined(separator: " ")
        let status = system(line)
        return (status >> 8) & 0xff
    }
}

/// Prints at once, also into a pipe.
func say(_ text: String) {
    print(text)
    fflush(nil)
}
