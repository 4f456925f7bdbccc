import Archive

/// The one reason for a failed start that runtimes leave to the program's own standard error: they have handed over to it by then.
enum MissingInterpreter {
    /// Why the command's script cannot have run, or nil.
    static func of(_ command: SandboxCommand, in root: ConfinedDirectory) -> String? {
        guard let program = command.arguments.first, program.hasPrefix("/"), let script = try? root.read(program, limit: 1 << 20),
            let interpreter = interpreter(named: script)
        else { return nil }
        // Nil: it is missing, or a link that leads nowhere.
        guard (try? root.status(interpreter)) == nil else { return nil }
        return "the interpreter '\(interpreter)' of '\(program)' does not exist"
    }

    /// The path after `#!`.
    static func interpreter(named script: [UInt8]) -> String? {
        guard script.starts(with: Array("#!".utf8)) else { return nil }
        let line = script.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        let word = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.prefix {
            $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t")
        }
        return word.first == UInt8(ascii: "/") ? String(decoding: word, as: UTF8.self) : nil
    }
}
