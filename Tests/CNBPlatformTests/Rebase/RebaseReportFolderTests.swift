import Archive
import Diagnostics
import Testing

@testable import CNBPlatform

/// Where the reports of several rebased images go.
struct RebaseReportFolderTests {
    private static func folder(_ text: String) throws -> String {
        try RebasePlace(parsing: text, relativeTo: "/srv").reportFolder
    }

    @Test(arguments: [
        ("app", "docker.io/library/app/latest"), ("acme/app:2", "docker.io/acme/app/2"), ("h.io/a/b", "h.io/a/b/latest"),
        ("localhost:5000/a:b", "localhost_5000/a/b"), ("[::1]:5000/a", "___1__5000/a/latest"),
        ("docker:h.io/a", "docker/h.io/a/latest"),
    ])
    func names(text: String, folder: String) throws { #expect(try Self.folder(text) == folder) }

    @Test func noneIsAnothers() throws {
        let places = [
            "h.io/a/b", "h.io/a_b", "h.io/a:b", "h.io/a:b_latest", "foo:5000/x", "foo_5000/x", "app", "docker:app", "docker/app",
            "oci:layout", "oci:layout:a", "oci:layout:b", "oci:x/layout", "oci-archive:layout", "docker-archive:layout", "oci/layout",
        ]
        #expect(Set(try places.map(Self.folder)).count == places.count)
    }

    @Test func paths() throws {
        let long = try Self.folder("oci-archive:/" + String(repeating: "long folder/", count: 100) + String(repeating: "é", count: 200))
        #expect(long.wholeMatch(of: #/oci-archive/[0-9a-f]{12}-_{40}/#) != nil, "\(long)")
        #expect(try Self.folder("docker-archive:out/app.tar").wholeMatch(of: #/docker-archive/[0-9a-f]{12}-app\.tar/#) != nil)
        for odd in ["oci:/", "oci:..", "oci:."] {
            #expect(try Self.folder(odd).wholeMatch(of: #/oci/[0-9a-f]{12}-[.]{0,2}/#) != nil, "\(odd)")
        }
    }
}
