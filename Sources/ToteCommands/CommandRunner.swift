import ArgumentParser
import CNBPlatform
import Diagnostics
import Glibc
import Sandbox

/// Takes a parsed command from a single-threaded process to its end.
enum CommandRunner {
    /// Enters namespaces when the command needs them, runs it, and ends the process with its status.
    static func run(_ command: any ToteSubcommand) -> Never {
        let environment = currentEnvironment()
        let options = command.consoleOptions
        let style = Style(descriptor: STDERR_FILENO, environment: environment, disabled: options.noColor || options.progress == .json)
        let isLive = options.progress == .auto && TerminalWindow.isLive(STDERR_FILENO, environment: environment)
        let console = Console(
            style: style, verbosity: options.verbosity, timestamps: options.timestamps, isLive: isLive, isJSON: options.progress == .json)
        do {
            // Before anything is entered or changed: credential helpers run as the caller would run them.
            let caller = command.needsNamespace ? try Caller.stayingOutside(environment: environment) : .current
            // Everything below creates files with the modes it names, whatever the caller's umask.
            umask(0o022)
            let mode = command.needsNamespace ? try Namespace.enter(closingOutside: caller.descriptors) : nil
            if isLive, mode == nil { InterruptedScreen.install() }
            let context = CommandContext(
                environment: environment, workingDirectory: try currentDirectory(), mode: mode, caller: caller, console: console)
            Namespace.run { await status(of: command, context) }
        } catch {
            let status = (error as? any Diagnosable)?.exitCode ?? 1
            console.fail(error, status: status)
            exit(status)
        }
    }

    /// Runs the command to its end, or until a signal asks for it.
    private static func status(of command: any ToteSubcommand, _ context: CommandContext) async -> Int32 {
        let work = Task { try await command.run(context) }
        // As process 1 of its namespace, tote dies of no signal by itself.
        let watch =
            context.mode == nil || command.handlesSignals
            ? nil
            : Task {
                var isCancelled = false
                for await signal in Namespace.signals() where [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(signal) {
                    // Who asks twice does not want to wait: the end of process 1 ends everything, and a later run clears what is left.
                    if isCancelled {
                        context.console.finish()
                        exit(interrupted)
                    }
                    isCancelled = true
                    work.cancel()
                }
            }
        defer {
            watch?.cancel()
            context.console.finish()
        }
        do {
            try await work.value
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch is CancellationError {
            context.console.fail(Fault("interrupted"), status: interrupted)
            return interrupted
        } catch {
            let status = (error as? any Diagnosable)?.exitCode ?? 1
            context.console.fail(error, status: status)
            return status
        }
    }

    /// As shells report the end by Control-C.
    private static let interrupted: Int32 = 130

    private static func currentEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    private static func currentDirectory() throws -> String {
        guard let path = getcwd(nil, 0) else {
            throw Fault(system: "finding the current folder", hint: "change to a folder that exists")
        }
        defer { free(path) }
        return String(cString: path)
    }
}
