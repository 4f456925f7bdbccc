import OCIImage
import Support
import Testing

struct HelloTests {
    @Test func buildAndRun() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build()
        #expect(build.succeeded, "\(build)")
        print(build)
        let run = try await tote.tote("run", "app")
        print(run)
    }
}
