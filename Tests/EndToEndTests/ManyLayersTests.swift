import TestSupport
import Testing

/// More cached layers than the kernel takes in one overlay.
struct ManyLayersTests {
    @Test func theRestIsCopied() async throws {
        let tote = try await ToteCase()
        try tote.project(
            #"""
            for n in $(seq 503); do
              if [ -d "$1/n$n" ]; then echo "$(cat "$1/n$n/f")" >> /tmp/seen; else mkdir "$1/n$n"; echo "$n" > "$1/n$n/f"; fi
              printf '[types]\ncache = true\n' > "$1/n$n.toml"
            done
            [ ! -e /tmp/seen ] || echo "$(sort -u /tmp/seen | wc -l) layers"
            """#)
        let first = try await tote.build()
        try #require(first.succeeded, "\(first)")
        let second = try await tote.build()
        #expect(second.succeeded && second.out == first.out && second.errorLines.contains("[test/script] 503 layers"), "\(second)")
        #expect(second.errorLines.contains("3 of 503 cached layers are copied: no more than 500 can be mounted"), "\(second)")
    }
}
