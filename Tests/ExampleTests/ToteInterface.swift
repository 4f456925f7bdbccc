import FoundationEssentials
import TestSupport

/// The commands and options of `tote`, as the executable itself describes them.
struct ToteInterface: Decodable {
    struct Command: Decodable {
        var commandName: String
        var abstract: String?
        var aliases: [String]?
        var arguments: [Argument]?
        var subcommands: [Command]?
        /// The name of the one that is meant when none is named.
        var defaultSubcommand: String?
        var shouldDisplay: Bool
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
            /// As it is written on a command line.
            var spelling: String { (kind == "long" ? "--" : "-") + name }
        }

        var kind: String
        var names: [Name]?
        var isOptional: Bool
        var isRepeating: Bool
        /// How positionals take what comes: `allRemainingInput` takes options too.
        var parsingStrategy: String
    }

    var command: Command

    static func read() async throws -> ToteInterface {
        let told = try await Program([try ToteExecutable.path(), "--experimental-dump-help"]).run()
        guard told.succeeded else { throw TestSetupError("tote does not describe itself: \(told)") }
        return try JSONDecoder().decode(ToteInterface.self, from: Data(told.out.utf8))
    }

    /// The names of the commands that a person gets to see.
    var commandNames: Set<String> {
        Set((command.subcommands ?? []).filter(\.shouldDisplay).map(\.commandName).filter { $0 != "help" })
    }

    /// Every option of every command.
    var optionNames: Set<String> {
        func names(_ command: Command) -> [String] {
            (command.arguments ?? []).flatMap { $0.names ?? [] }.map(\.spelling) + (command.subcommands ?? []).flatMap(names)
        }
        return Set(names(command))
    }

    /// What is wrong with the words behind `tote`; nil when they parse.
    /// - Parameter isMention: whether arguments may be missing, as in a text that speaks of `tote build`.
    func complaint(about words: [String], isMention: Bool = false) -> String? {
        var command = command
        var words = words[...]
        while let name = words.first,
            let next = command.subcommands?.first(where: { $0.commandName == name || $0.aliases?.contains(name) == true })
        {
            command = next
            words.removeFirst()
        }
        if let name = command.defaultSubcommand, let next = command.subcommands?.first(where: { $0.commandName == name }) { command = next }
        let options = (command.arguments ?? []).filter { $0.kind != "positional" }
        let positionals = (command.arguments ?? []).filter { $0.kind == "positional" }
        if positionals.isEmpty, command.subcommands?.isEmpty == false, words.first?.hasPrefix("-") != true {
            return "'\(command.commandName)' has no command '\(words.first ?? "")'"
        }
        var values = 0
        while let word = words.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                values += 1
                if values < positionals.count, positionals[values].parsingStrategy == "allRemainingInput" { return nil }
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1)
            guard let option = options.first(where: { $0.names?.contains { $0.spelling == String(parts[0]) } == true }) else {
                return "'\(command.commandName)' has no option '\(parts[0])'"
            }
            if option.kind == "option", parts.count == 1, words.popFirst() == nil { return "'\(word)' needs a value" }
            if parts[0] == "--help" || parts[0] == "--version" { return nil }
        }
        if !isMention, values < positionals.count(where: { !$0.isOptional }) { return "an argument of '\(command.commandName)' is missing" }
        if values > positionals.count, positionals.last?.isRepeating != true { return "'\(command.commandName)' takes fewer arguments" }
        return nil
    }
}
