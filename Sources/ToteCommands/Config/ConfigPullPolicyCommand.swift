package import ArgumentParser
import CNBPlatform
import Diagnostics

package struct ConfigPullPolicyCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "pull-policy", abstract: "Show, set or unset when registries are asked for images.",
        discussion: "Unset, it is 'always'. The option --pull-policy of a command comes first.")

    @Argument(
        help: ArgumentHelp(
            "The policy to set: always, if-not-present, never, hourly, daily, weekly or interval=TIME such as 1d12h; without it, the current one is shown.",
            valueName: "policy"))
    var policy: String?

    @Flag(name: .shortAndLong, help: "Unset the pull policy.")
    var unset = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if unset, policy != nil { throw ValidationError("pull policy and --unset cannot be specified simultaneously") }
    }

    package func run(_ context: CommandContext) async throws {
        let file = try ConfigurationFile(environment: context.environment)
        if unset {
            let old = try file.setPullPolicy(nil)
            context.console.note(old.map { "Successfully unset pull policy '\($0)'" } ?? "No pull policy was set")
            context.console.note("Pull policy has been set to '\(PullPolicy.standard)'")
        } else if let policy {
            let parsed = try Fault.inUsage { try PullPolicy(parsing: policy) }
            let old = try file.setPullPolicy(parsed)
            context.console.note(
                old == parsed.description
                    ? "Pull policy is already set to '\(parsed)'" : "Successfully set '\(parsed)' as the pull policy")
        } else {
            StandardStreams.out("The current pull policy is '\(try file.configuration().pullPolicy ?? .standard)'")
        }
    }
}
