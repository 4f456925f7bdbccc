import Diagnostics
import Dispatch
import Glibc
import TestSupport
import Testing

@testable import OCIRegistry

/// Both sides of the conversation with a broker, in one process: a test cannot fork, because it has threads.
@Suite struct HelperBrokerTests {
    /// A broker with its service running beside it.
    private final class Conversation: Sendable {
        let broker: HelperBroker
        let scratch: ScratchDirectory
        private let service: HelperConnection
        let end = DispatchSemaphore(value: 0)

        init(_ script: String, timeLimit: Duration = .seconds(20), brokerLimit: Duration = .seconds(20)) throws {
            scratch = try ScratchDirectory()
            try scratch.write("#!/bin/sh\n\(script)\n", to: "docker-credential-test")
            chmod(scratch.path("docker-credential-test"), 0o700)
            let ends = try HelperConnection.pair()
            broker = HelperBroker(HelperConnection(ends.tote), timeLimit: brokerLimit)
            service = HelperConnection(ends.broker)
            let program = HelperProgram(
                environment: ["PATH": "\(scratch.path):/usr/bin:/bin", "SCRATCH": scratch.path], timeLimit: timeLimit)
            let thread = HelperBrokerService(service, program)
            DispatchQueue(label: "service").async { [end] in
                thread.serve()
                end.signal()
            }
        }

        /// As when the process at the other end dies.
        func die() { service.hangUp() }

        deinit { die() }

        func run(_ program: String = "docker-credential-test", server: String = "r.example") async throws -> (Int32, String) {
            let output = try await broker.run(program, server: server)
            return (output.exitStatus, output.output.reveal())
        }
    }

    @Test func asksAndAnswers() async throws {
        let conversation = try Conversation(#"read -r server; echo "$1 $server"; exit 3"#)
        #expect(try await conversation.run() == (3, "get r.example\n"))
        #expect(try await conversation.run(server: "other.example:5000") == (3, "get other.example:5000\n"))
    }

    /// Answers come back to who asked, in whatever order.
    @Test func severalAtOnce() async throws {
        let conversation = try Conversation(#"read -r server; sleep "0.$server"; echo "$server""#)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in ["5", "1", "3", "0", "2"] {
                group.addTask {
                    let answer = try await conversation.run(server: server).1
                    #expect(answer == server + "\n")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aLongAnswer() async throws {
        let conversation = try Conversation("cat > /dev/null; head -c 900000 /dev/zero | tr '\\0' x")
        #expect(try await conversation.run().1 == String(repeating: "x", count: 900_000))
    }

    @Test(arguments: [
        ("docker-credential-none", "the credential helper 'docker-credential-none' is not installed"),
        ("sh", "'sh' is not a credential helper"), ("docker-credential-x/../sh", "is not installed"),
    ])
    func programsThatCannotBeAsked(program: String, message: String) async throws {
        let conversation = try Conversation("true")
        let fault = await #expect(throws: Fault.self) { try await conversation.run(program) }
        #expect(fault?.message.contains(message) == true, "\(String(describing: fault))")
    }

    @Test func theTimeLimit() async throws {
        let conversation = try Conversation("sleep 60", timeLimit: .milliseconds(200))
        let fault = await #expect(throws: Fault.self) { try await conversation.run() }
        #expect(fault?.message == "the credential helper 'docker-credential-test' did not answer in time")
    }

    /// A broker that is stopped holds nobody up. The limit is five seconds longer here than there.
    @Test func aSilentBroker() async throws {
        let conversation = try Conversation("sleep 60", brokerLimit: .seconds(-4))
        let fault = await #expect(throws: Fault.self) { try await conversation.run() }
        #expect(fault?.message == "the credential helper 'docker-credential-test' did not answer in time")
    }

    @Test func aBrokerThatDies() async throws {
        let conversation = try Conversation("sleep 60")
        let task = Task { try await conversation.run() }
        try await Task.sleep(for: .milliseconds(200))
        conversation.die()
        let message = "credential helpers cannot be asked: the process that runs them has ended"
        #expect(await #expect(throws: Fault.self) { try await task.value }?.message == message)
        #expect(await #expect(throws: Fault.self) { try await conversation.run() }?.message == message)
    }

    @Test func cancelled() async throws {
        let conversation = try Conversation(#"echo $$ > "$SCRATCH/id"; exec sleep 60"#)
        let task = Task { try await conversation.run() }
        let id = try await started(conversation)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await ends(id))
        // And before it begins.
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await conversation.run()
        }
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    /// When tote is gone, however it ended, no helper lives on.
    @Test func toteDies() async throws {
        let conversation = try Conversation(#"echo $$ > "$SCRATCH/id"; exec sleep 60"#)
        let task = Task { try await conversation.run() }
        let id = try await started(conversation)
        shutdown(conversation.broker.descriptor, Int32(SHUT_RDWR))
        await #expect(throws: Fault.self) { try await task.value }
        #expect(try await ends(id))
        #expect(conversation.end.wait(timeout: .now() + 10) == .success)
    }

    private func started(_ conversation: Conversation) async throws -> pid_t {
        for _ in 0..<500 {
            if let id = pid_t(conversation.scratch.text("id").filter(\.isNumber)) { return id }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestSetupError("the helper does not start")
    }

    private func ends(_ id: pid_t) async throws -> Bool {
        for _ in 0..<500 {
            if kill(id, 0) != 0 { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test(arguments: [[], [1], [9, 0, 0, 0, 0], [1, 0, 0, 0, 0, 65], [3, 0, 0, 0, 0, 1], [4, 0, 0, 0, 0]] as [[UInt8]])
    func senselessMessages(bytes: [UInt8]) {
        #expect(HelperMessage(decoding: bytes) == nil)
    }
}
