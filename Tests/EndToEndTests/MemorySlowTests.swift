import TestSupport
import Testing

/// Memory does not grow with what is built.
@Suite(.enabled(if: !ToteExecutable.isFastRun, "TOTE_FAST_TESTS is set"))
struct MemorySlowTests {
    @Test func aLargeFileIsStreamed() async throws {
        // On disk: files in memory would count as somebody's.
        let tote = try await ToteCase(in: "/var/tmp")
        try tote.project(Hello.script)
        let made = try await Program(["dd", "if=/dev/urandom", "of=big", "bs=1M", "count=300"], directory: tote.app).run()
        try #require(made.succeeded, "\(made)")
        let build = try await tote.build()
        #expect(build.succeeded, "\(build)")
        #expect(build.peakMemory < 100 << 20, "\(build.peakMemory >> 20) MiB")
        let again = try await tote.build()
        #expect(again.out == build.out)
        #expect(again.peakMemory < 100 << 20, "\(again.peakMemory >> 20) MiB")
        // All the way out of the store as well.
        let written = try await tote.build("app", "--output", "docker-archive:app.tar")
        #expect(written.succeeded && written.peakMemory < 100 << 20, "\(written.peakMemory >> 20) MiB")
    }
}
