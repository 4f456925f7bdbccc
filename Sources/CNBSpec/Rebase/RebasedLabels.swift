/// The labels of an app image on another base.
package enum RebasedLabels {
    /// Labels of the base give way to those of the new one (F-11); all others stay.
    package static func synchronised(_ app: [String: String], with base: [String: String], platformAPI: APIVersion?) -> [String: String] {
        func isBase(_ name: String) -> Bool {
            name.hasPrefix(LabelName.stackPrefix) || RebaseSafety.hasTargets(platformAPI) && name.hasPrefix(LabelName.basePrefix)
        }
        return app.filter { !isBase($0.key) }.merging(base.filter { isBase($0.key) }) { _, new in new }
    }
}
