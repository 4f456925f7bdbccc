/// A key of a document that nothing asked for.
package struct TOMLUnreadKey: Equatable, Sendable {
    /// Dotted path from the root of the document: `io.buildpacks.buidler`.
    package var path: String
    /// The last part of the path.
    package var key: String
    /// The keys that were asked for in the same table, for "did you mean".
    package var siblings: [String]
    package var position: TOMLPosition?
}
