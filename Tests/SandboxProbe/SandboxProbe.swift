import Archive
import Diagnostics
import Glibc
import Sandbox

/// What the tests of Sandbox run as another process, often as another user: it enters namespaces, and the test runner must not.
@main struct SandboxProbe {
    static func main() {
        do {
            var words = Array(CommandLine.arguments.dropFirst())
            guard let name = words.first, let task = ProbeTask(rawValue: name) else {
                throw Fault("usage: sandbox-probe TASK …", exitCode: 2)
            }
            words.removeFirst()
            let options = try ProbeOptions(words)
            let mode = try Namespace.enter()
            Namespace.run {
                do { return try await task.run(options, mode) } catch { fail(error) }
            }
        } catch { fail(error) }
    }

    static func fail(_ error: any Error) -> Never {
        let known = error as? any Diagnosable
        let text = "error: \(known?.message ?? "\(error)")\n" + (known?.hint.map { "hint: \($0)\n" } ?? "")
        _ = write(2, text, text.utf8.count)
        exit(known?.exitCode ?? 1)
    }
}

/// `--name value` and `--name` before `--`, the command after it.
struct ProbeOptions: Sendable {
    private(set) var values: [String: [String]] = [:]
    private(set) var command: [String] = []

    init(_ words: [String]) throws {
        let flags: Set = ["lines", "capture", "terminal", "input", "no-network", "forward", "keep"]
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" { break }
            guard word.hasPrefix("--") else { throw Fault("unexpected '\(word)'", exitCode: 2) }
            let name = String(word.dropFirst(2))
            values[name, default: []].append(flags.contains(name) ? "" : rest.popFirst() ?? "")
        }
        command = Array(rest)
    }

    func has(_ name: String) -> Bool { values[name] != nil }
    func all(_ name: String) -> [String] { values[name] ?? [] }
    func last(_ name: String) -> String? { values[name]?.last }
    func number(_ name: String) -> UInt32? { last(name).flatMap { UInt32($0) } }

    func required(_ name: String) throws -> String {
        guard let value = last(name) else { throw Fault("--\(name) is missing", exitCode: 2) }
        return value
    }
}
