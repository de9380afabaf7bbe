import Model

extension Attributes {
    /// Without the extended attributes that no longer fit into so many bytes, encoded; their names go into `left`.
    package func trimmed(to limit: Int, _ left: inout [String]) -> Attributes {
        var kept = self
        kept.extended = []
        let entries = (accessList?.entries.count ?? 0) + (defaultList?.entries.count ?? 0)
        var size = 16 + entries * 7
        for attribute in extended {
            let more = attribute.name.count + attribute.value.count + 8
            if size + more <= limit, attribute.value.count <= 65_536 {
                size += more
                kept.extended.append(attribute)
            } else {
                left.append(escaped(attribute.name))
            }
        }
        return kept
    }
}
