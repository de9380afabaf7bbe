import Model

/// What an archive is called where it is placed: `restore-jail15-col00214-2026-11-21.tar.gz`, or where that is taken
/// `restore-jail15-col00214-2026-11-21-2.tar.gz`, and so on up to 99.
///
/// Staff restore twice in a day, and a customer may have taken the name: neither is overwritten, and neither keeps the
/// archive away.
///
/// - Parameters:
///   - customer: nil where it is no customer's.
///   - day: `2026-11-21`.
///   - ending: `tar.gz`.
/// - Returns: in the order in which they are tried; those that are too long are left out.
package func archiveNames(jail: Name, customer: Name?, day: String, ending: String) -> [Name] {
    let stem = Array("restore-".utf8) + jail.bytes + (customer.map { Array("-".utf8) + $0.bytes } ?? [])
    return (1...99).compactMap { number in
        Name(stem + Array("-\(day)\(number == 1 ? "" : "-\(number)").\(ending)".utf8))
    }
}
