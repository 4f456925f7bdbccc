import Archive
import Glibc
import OCIImage
import TestSupport
import Testing

/// The store under many processes, and under processes that are killed.
@Suite struct StoreProcessTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test func manyProcessesTagAtOnce() async throws {
        let path = scratch("images")
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [path = path as String, worker = worker as Int] in
                        for number in 0..<15 {
                            let store = try ImageStore(at: path)
                            let image = try sampleImage(in: store, contents: ["shared", "shared \(number)", "\(worker) \(number)"])
                            try store.tag(image, [ref("w\(worker):n\(number)"), ref("shared:last")])
                        }
                    }
                }
            }
        }
        let store = try scratch.store()
        #expect(try store.list().count == 4 * 15 + 1)
        #expect(try store.list().allSatisfy(\.isComplete))
        #expect(try store.validate() == [])
        #expect(names(in: scratch("images/ingest")).isEmpty)
    }

    @Test func manyTasksTagAtOnce() async throws {
        let store = try scratch.store()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<20 {
                group.addTask { try store.tag(try sampleImage(in: store, contents: ["shared", "\(worker)"]), [ref("w\(worker)")]) }
            }
            try await group.waitForAll()
        }
        #expect(try store.list().count == 20)
        #expect(try store.validate() == [])
    }

    /// A process that writes, tags and removes without end is killed somewhere in the middle.
    @Test(arguments: [3, 17, 40, 90])
    func killedAtAnyMoment(milliseconds: Int) async throws {
        let path = scratch("images")
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, milliseconds = milliseconds as Int] in
            let store = try ImageStore(at: path)
            try store.tag(try sampleImage(in: store, contents: ["first"]), [ref("first")])
            Task.detached {
                try await Task.sleep(for: .milliseconds(milliseconds))
                kill(getpid(), SIGKILL)
            }
            for number in 0... {
                let store = try ImageStore(at: path)
                try store.tag(try sampleImage(in: store, contents: ["x", "n\(number)"]), [ref("app"), ref("app:\(number % 3)")])
                if number % 5 == 4 { _ = try store.removeUnreachable() }
            }
        }
        // The next run needs no repair, and leaves no rubbish.
        let store = try scratch.store()
        #expect(try store.validate() == [])
        #expect(names(in: scratch("images/ingest")).isEmpty)
        #expect(try store.list().allSatisfy(\.isComplete))
        #expect(try store.image(ref("first")) != nil)
        try store.tag(try sampleImage(in: store, contents: ["after"]), [ref("app")])
        #expect(try store.removeUnreachable(waiting: false) != nil)
        #expect(try store.validate() == [])
    }
}
