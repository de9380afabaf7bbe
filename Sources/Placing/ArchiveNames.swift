import Model

/// The names under which an archive may be placed: the one that it should have, and where that is taken
/// `restore-jail15-col00214-2026-11-21-2.tar.gz`, and so on up to 99.
///
/// Staff restore twice in a day, and a customer may have taken the name: neither is overwritten, and neither keeps the
/// archive away.
///
/// - Parameter ending: of the name, without its dot: `tar.gz`.
/// - Returns: in the order in which they are tried.
package func alternatives(to name: Name, ending: String) -> [Name] {
    let ending: [UInt8] = Array(".\(ending)".utf8)
    guard name.bytes.suffix(ending.count).elementsEqual(ending) else { return [name] }
    let stem = Array(name.bytes.dropLast(ending.count))
    return [name] + (2...99).compactMap { Name(stem + Array("-\($0)".utf8) + ending) }
}
