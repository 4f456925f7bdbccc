import Diagnostics

extension RunImage {
    /// D-10: the first candidate on the output's registry that can be read, else the first that can be read.
    ///
    /// - Parameters:
    ///   - isOnOutputRegistry: whether a name's registry is that of the image to be written.
    ///   - isReadable: whether the image is there and may be read, and whether no other is left to ask. Asked once per candidate at most.
    /// - Throws: status 3 when no candidate can be read.
    package func choose(
        isOnOutputRegistry: (String) -> Bool, isReadable: (_ candidate: String, _ isLast: Bool) async throws -> Bool
    ) async throws -> String {
        let inOrder = candidates.filter(isOnOutputRegistry) + candidates.filter { !isOnOutputRegistry($0) }
        for (index, candidate) in inOrder.enumerated() where try await isReadable(candidate, index == inOrder.count - 1) {
            return candidate
        }
        throw Fault(
            "failed to find accessible run image: none of \(candidates.map { "'\($0)'" }.joined(separator: ", ")) can be read",
            hint: "check the names, and that you are logged in to their registries", exitCode: ExitStatus.invalidArguments.rawValue)
    }
}

extension RunImages {
    /// D-67: the entry to remember in the app image's label: the one that lists the image in use, else the image by itself when extensions
    /// may have chosen it, else the first. Nil when there are none.
    ///
    /// - Parameter sameImage: whether two names mean the same image, digests aside.
    package func entry(
        for image: String?, extensionsRan: Bool, sameImage: (String, String) -> Bool
    ) -> RunImage? {
        if let image, !image.isEmpty {
            if let entry = images.first(where: { $0.candidates.contains { sameImage($0, image) } }) { return entry }
            if extensionsRan { return RunImage(image: image) }
        }
        return images.first
    }
}
